"""What comes back: reports of failure, complaints, automatic answers, leaving by mail, events of providers.

Everything goes one road: it is stored as it came (`Returned`), by the receiver, by polling a mailbox or by a provider's
webhook, and only then sorted (`hirnok.mail.sort`) and applied, once, by `applying`. What cannot be told stays and is shown
to people. Which failures suppress an address, and for how long, are rows of the tenant (`Rule`). Must not know campaigns.
"""
