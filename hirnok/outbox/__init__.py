"""Everything that leaves: relays, compiled messages, one accounted delivery per recipient, hits, letters.

`queue.enqueue` writes the deliveries of a message by one INSERT … SELECT; the engine (its own process) drains
them; the tracker (its own process) adds hits. `letters.post` writes every other mail in the caller's
transaction. Must not know why something is sent: campaigns are above.
"""
