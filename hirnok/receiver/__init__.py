"""The receiver: takes mail for return paths and for leaving, over LMTP and SMTP, and stores it as it came.

Promises: what it answered with 250 is committed; an address that this installation did not make is refused at RCPT, and
so is whoever relays; a database that is away means 451, so that nothing is lost. Knows no Django and judges nothing: a job
of the worker sorts what was stored. Its contract is `statements`.
"""
