"""What `breaches` holds of people: claims, and who was told. The register of breaches itself is of the firm."""

from hirnok.register.declarations import ADDRESS, LANGUAGE, NAME, Personal, held, unheld
from hirnok.register.readymade import BREACHES

WORDS = Personal("message and attachments", given_by_person=True)
TOLD = Personal("mails sent and what became of them")
DECLARATIONS = (
    unheld(
        "breaches.Breach",
        {
            "of the incident, kept by law (GDPR 33 (5)); persons are counted, never named": "number incident state title"
            " description known_by processor processor_knew_at told_at happened_from happened_until suspected_at"
            " aware_at confidentiality integrity availability activities categories special_categories persons records"
            " consequences measures_taken measures_planned factors score level level_override override_reason"
            " notify_authority authority_reason notify_persons exemption persons_reason late_reason letter lessons"
            " closed_at"
        },
    ),
    unheld(
        "breaches.BreachEvent", {"steps of the incident, kept by law": "at actor kind hours text"}
    ),
    unheld(
        "breaches.BreachNotification",
        {
            "what the authority or everybody concerned was told, the same for all": "to phase is_final at actor channel"
            " address reference documents digest"
        },
    ),
    unheld(
        "breaches.BreachFile",
        {
            "evidence of the incident, kept by law (GDPR 33 (5), 5 (2))": "name content_type size digest data about"
            " added_at added_by"
        },
    ),
    held(
        "breaches.ToldPerson",
        "holding",
        BREACHES,
        anonymised_by="holding",
        language=LANGUAGE,
        told_at=TOLD,
    ),
    held(
        "breaches.ViolationClaim",
        "holding",
        BREACHES,
        address=ADDRESS,
        name=NAME,
        language=LANGUAGE,
        text=WORDS,
        at=TOLD,
    ),
)
