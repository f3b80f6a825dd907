"""People who work here: users, their memberships and roles, sign-in, and the one door.

`door.member(Role.X)` turns a request into a `TenantRequest` or answers 404 (strangers) or 403 (colleagues
without the role). `people.create_user` makes a user under the operator's holding for the activity "accounts".
Sign-in itself is django-allauth's. Must not know what the tenants do.
"""
