"""Coming and going of readers: sign-up forms, consent and its proof, unsubscribing, the pages that strangers may open.

`signing_up` makes a contact only of who confirmed by mail and writes the exact words into a ledger;
`leaving.unsubscribe` ends the holding at once and leaves the suppression and, where consent was given, a
proof without an address. Must not know campaigns.
"""
