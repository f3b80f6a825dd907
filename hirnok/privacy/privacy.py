"""What the pages of the register hold of people: nothing; they show what `register` holds of the tenant."""

from hirnok.register.declarations import Declaration, unheld

DECLARATIONS: tuple[Declaration, ...] = (
    unheld(
        "privacy.NoticeAnnouncement",
        {
            "how far a run is, and counts; no person": "begun_at begun_by last_contact last_user written"
            " unreachable finished_at"
        },
    ),
)
