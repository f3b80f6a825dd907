"""What `contacts` holds of people: the contacts below their holdings; files and rejected rows for some days."""

from hirnok.register.declarations import (
    ADDRESS,
    CONSENT,
    LANGUAGE,
    NAME,
    OWN_FIELDS,
    PSEUDONYM,
    Personal,
    held,
    short_lived,
    unheld,
)
from hirnok.register.readymade import IMPORT, NEWSLETTER

INTEREST = Personal("lists and tags")
UPLOADED = Personal("uploaded lists", exported=False, binary=True)
REJECTED = Personal("uploaded lists", exported=False)
DECLARATIONS = (
    unheld("contacts.List", {"of the tenant": "name description created_at archived_at"}),
    unheld("contacts.Field", {"of the tenant": "key label type choices position"}),
    unheld("contacts.Tag", {"of the tenant": "name"}),
    held(
        "contacts.Contact",
        "holding",
        NEWSLETTER,
        plain={"of the program": "updated_at"},
        email=ADDRESS,
        first_name=NAME,
        last_name=NAME,
        language=LANGUAGE,
        fields=OWN_FIELDS,
        created_at=CONSENT,
    ),
    held("contacts.Subscription", "contact__holding", NEWSLETTER, list=INTEREST, since=INTEREST),
    held("contacts.ContactTag", "contact__holding", NEWSLETTER, tag=INTEREST),
    held(
        "contacts.Evidence",
        "contact__holding",
        NEWSLETTER,
        plain={"of the program": "recorded_at"},
        given_at=CONSENT,
        surface=CONSENT,
        ip_address=CONSENT,
    ),
    unheld(
        "contacts.Import",
        {
            "of the import": "kind status file_name file_size settings mapping counts problem rows_done rows_total"
            " cancel_asked_at created_by created_at started_at finished_at expires_at"
        },
    ),
    short_lived(
        "contacts.ImportPart",
        "run__expires_at",
        IMPORT,
        plain={"of the import": "number"},
        data=UPLOADED,
    ),
    short_lived(
        "contacts.ImportRejection",
        "run__expires_at",
        IMPORT,
        plain={"of the import": "row reason details"},
        trace="blind_index",
        cells=REJECTED,
        blind_index=PSEUDONYM,
    ),
)
