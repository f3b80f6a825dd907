"""Coming and going of readers: proofs of consent, unsubscribing, the pages that strangers may open.

`leaving.unsubscribe` ends the holding at once and leaves the suppression and, where consent was given, a
proof without an address. Must not know campaigns.
"""
