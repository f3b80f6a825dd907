"""How fast newsletters may go to whom, as pure functions: issue "The engine", section Polite.

`providers` rolls recipient domains up to a mail provider (table in providers.json), `limits` grants messages out of
buckets and gives the rest a place in the line, `ramps` warms up, `conditions` turns replies into slowing down and
suspending (rules in rules.json) and back, `routes` chooses the relay of a recipient.

Must not know: databases, sockets, clocks. Instants are seconds since the epoch as the database counts them.
"""
