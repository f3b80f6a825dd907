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
    unheld,
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
    held(
        "accounts.UserSession",
        "user__holding",
        ACCOUNTS,
        expires="expires_at",
        plain={"of the program": "expires_at"},
        session_key=CREDENTIAL,
        device=ACCOUNT,
        begun_at=ACCOUNT,
        seen_at=ACCOUNT,
        ended=ACCOUNT,
    ),
    unheld(
        "accounts.Policy",
        plain={"how people sign in": "one_session idle_minutes second_factor owner_invites"},
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
