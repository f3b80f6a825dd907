"""What `tenants` holds of people: nothing but the names a firm gives itself."""

from hirnok.register.declarations import unheld

FIRM = "of the firm, not of a person"
SETTING = "a setting of the tenant"
DECLARATIONS = (
    unheld(
        "tenants.Tenant",
        {FIRM: "slug name", SETTING: "language time_zone is_operator accent created_at"},
    ),
    unheld(
        "tenants.Brand",
        {
            FIRM: "name sender_name from_address reply_to postal_address",
            SETTING: "language public_base_url measurement created_at",
        },
    ),
    unheld(
        "tenants.Image",
        {
            "a picture for newsletters, published on purpose": "name alternative_text data",
            "of the file": "token content_type size width height uploaded_at",
        },
    ),
    unheld(
        "tenants.AuditEntry",
        {
            "ids, counts and words of the program only": "at actor action object_kind object_id details"
        },
    ),
)
