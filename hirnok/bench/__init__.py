"""`hirnok bench`: how fast this installation's program is, on this machine, each figure beside its baseline.

Promises: it runs on a database server of its own, with the settings of production (fsync, roles, row-level
security), in a folder that it removes; it never touches the user's data, and everything it starts it stops.
What is measured is the product itself: its functions and its processes. Baselines run in the same invocation.

`run.py` is the command, `place.py` the server and the processes, `results.py` the table and `var/bench.json`,
`cast.py` who is in it; each measure is a function of a `Place` in a module of its own, named in `measures.py`.
"""
