"""Running Hirnok: the embedded PostgreSQL, its roles, and the supervisor of all processes.

It owns `var/postgres`, `var/run` and nothing else, knows no Django and no table of the application.
`postgres` lays out, starts, adopts and stops a server of our own; `database` says which database is used
and by which role (`database.url`), and makes roles; `supervisor` keeps the processes of `hirnok up` alive.
Starting a server is left to commands, the supervisor and the test session: settings only ask for the URL.
"""
