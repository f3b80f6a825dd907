"""The engine: a process without Django that drains the outbox over SMTP. Any number may run.

Its contract with the rest are the tables of the outbox and `statements.py`. Promises (research: one window
statement): nothing is lost, whatever is killed; after a kill only the windows that were open (lanes × window
messages) are uncertain, and a repeated message has the Message-ID it had; every recipient ends in one state.

`run.py` is the process, `relays.py` finds work and starts lanes, `lanes.py` leases batches and sends them
window by window, `channel.py` is one relay with its connections, `smtp.py` the dialogue, `signing.py` DKIM, `outcomes.py` what an
answer means, `letters.py` single mails, `upkeep.py` retries, cancellations and ends. `probe.py` tests a relay for
the settings page.

Must not know: campaigns, lists, why anything is sent.
"""
