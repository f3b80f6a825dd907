"""Requests of persons: the portal, the clock, what each right does with the data of all modules, the answers."""
