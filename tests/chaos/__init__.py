"""Faults at random against a whole installation, and a count of what became of every message.

`make chaos` runs it; docs/chaos.md says what is promised and how to read the result. The processes are those that
`hirnok up` starts, on an embedded database in a folder that is thrown away; `sink` is the mail server of the world and
`count` reads what it has taken; `ground` is where it all happens, `faults` what happens, `campaigns` what is sent
meanwhile, `judge` compares.
"""
