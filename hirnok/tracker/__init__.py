"""The tracker: opens and clicks. A process of its own without Django; its contract is `statements.py`.

It promises: a hit is acknowledged only after it was committed (group commit); a click redirects within 250 ms
whatever happens to the database (what could not be recorded by then is recorded later, or counted as lost);
no IP address is ever stored (a country is derived from it and it is dropped); no cookie, no redirect to
anything but the links of the message that the token belongs to.
"""
