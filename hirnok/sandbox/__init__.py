"""A mail sandbox: an SMTP server that delivers nothing, keeps what it got and shows it in the browser.

For the demo, for trying out a newsletter and for the tests. It keeps its promises like a real server: a 250
after the final dot is sent only when the message is in the file. It can misbehave by rules that are data
(`rules.py`): refuse, defer once, drop the connection at any point, be slow.

`python -m hirnok.sandbox` runs it alone, `server.start()` inside a test. What it accepted stands in
`accepted.log`, one line per recipient, to be counted by anyone.
"""
