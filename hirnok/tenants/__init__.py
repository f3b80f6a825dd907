"""Operator, tenants, brands, images and the audit log. No pages.

Owns who the controllers on this installation are and what each of them may be shown: `rows` makes every
table of a tenant answer to that tenant only (row-level security, composite foreign keys, grants).
`audit.record` writes the entry that belongs to each write that matters, in the same transaction.
Must not know what the tenants do: contacts, campaigns and the like are above.
"""
