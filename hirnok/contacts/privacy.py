"""What `contacts` holds of people: the contact and what hangs from it, and the files of imports for some days."""

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

INTEREST = Personal("lists and tags", of="name")
FILE = Personal("content of an imported list", exported=False)
RAW_FILE = Personal("content of an imported list", exported=False, binary=True)
DECLARATIONS = (
    unheld("contacts.List", {"of a list": "name description created_at archived_at"}),
    unheld("contacts.Field", {"of a field": "key label type choices position"}),
    unheld("contacts.Tag", {"a word of the tenant's": "name"}),
    held(
        "contacts.Contact",
        "holding",
        NEWSLETTER,
        plain={"when the row was written": "created_at updated_at"},
        email=ADDRESS,
        first_name=NAME,
        last_name=NAME,
        language=LANGUAGE,
        fields=OWN_FIELDS,
    ),
    held(
        "contacts.SearchKey",
        "contact__holding",
        NEWSLETTER,
        plain={"made from address and name, which are exported themselves": "letters"},
    ),
    unheld("contacts.Unsearched", {"a number that waits for the worker": "contact_id"}),
    held("contacts.Subscription", "contact__holding", NEWSLETTER, list=INTEREST, since=CONSENT),
    held("contacts.ContactTag", "contact__holding", NEWSLETTER, tag=INTEREST),
    held(
        "contacts.Evidence",
        "contact__holding",
        NEWSLETTER,
        plain={"when the row was written": "recorded_at"},
        given_at=CONSENT,
        surface=CONSENT,
        ip_address=CONSENT,
    ),
    unheld(
        "contacts.Import",
        {
            "of the import, counts only": "kind status file_name file_size settings mapping counts problem"
            " rows_done rows_total cancel_asked_at created_by created_at started_at finished_at expires_at"
        },
    ),
    short_lived(
        "contacts.ImportPart",
        "run__expires_at",
        IMPORT,
        plain={"the order of the pieces": "number"},
        data=RAW_FILE,
    ),
    short_lived(
        "contacts.ImportRejection",
        "run__expires_at",
        IMPORT,
        plain={"why the row was not taken": "row reason"},
        trace="blind_index",
        details=FILE,
        cells=FILE,
        blind_index=PSEUDONYM,
    ),
)
