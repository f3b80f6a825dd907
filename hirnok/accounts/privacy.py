"""What `accounts` holds of people: the users, who are the operator's holdings; sign-in's own tables."""

from hirnok.register.declarations import (
    ACCOUNT,
    ADDRESS,
    CREDENTIAL,
    LANGUAGE,
    NAME,
    Table,
    adopted,
    held,
    short_lived,
)
from hirnok.register.readymade import ACCOUNTS

DECLARATIONS = (
    held(
        "accounts.User",
        "holding",
        ACCOUNTS,
        plain={"of the program": "created_at"},
        email=ADDRESS,
        name=NAME,
        language=LANGUAGE,
        password=CREDENTIAL,
        last_login=ACCOUNT,
        is_active=ACCOUNT,
        is_operator=ACCOUNT,
    ),
    held("accounts.Membership", "user__holding", ACCOUNTS, role=ACCOUNT, since=ACCOUNT),
    held(
        "account.EmailAddress",
        "user__holding",
        ACCOUNTS,
        plain={"of the program": "verified primary"},
        email=ADDRESS,
    ),
    held(
        "account.EmailConfirmation",
        "email_address__user__holding",
        ACCOUNTS,
        plain={"of the program": "created sent"},
        key=CREDENTIAL,
    ),
    short_lived(
        "sessions.Session",
        "expire_date",
        ACCOUNTS,
        plain={"of the program": "expire_date"},
        session_data=CREDENTIAL,
    ),
    adopted("auth.Permission", "names of permissions, not used"),
    adopted("auth.Group", "groups, not used"),
    adopted("auth.Group_permissions", "groups, not used"),
    adopted("contenttypes.ContentType", "names of models"),
    Table("django_migrations", "names of migrations"),
)
