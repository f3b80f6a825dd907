"""The activities that every tenant's register begins with; their texts are the tenant's to change.

Only what this version really does is listed. Periods follow X1–X8 and D5 and are rows, not code: a tenant
changes them in its register.
"""

from dataclasses import dataclass

from hirnok.register.models import Activity, LegalBasis

NEWSLETTER = "newsletter"
SIGN_UP = "sign_up"
SIGN_UP_PROOF = "sign_up_proof"
SENDING_LOG = "sending_log"
MEASUREMENT = "measurement"
ACCOUNTS = "accounts"
SUPPRESSION = "suppression"
IMPORT = "import"


@dataclass(frozen=True)
class Readymade:
    """An activity as it is first written into a register."""

    code: str
    names: dict[str, str]
    legal_bases: tuple[str, ...]
    retention_start: str
    retention_period: str
    action: str = Activity.Action.DELETE


READYMADE: tuple[Readymade, ...] = (
    Readymade(
        NEWSLETTER,
        {"en": "Newsletter", "hu": "Hírlevél", "ro": "Newsletter"},
        (LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST, LegalBasis.CONTRACT),
        "withdrawal",
        "",
    ),
    Readymade(
        SIGN_UP,
        {
            "en": "Sign-ups that wait for confirmation",
            "hu": "Megerősítésre váró feliratkozások",
            "ro": "Abonări în așteptarea confirmării",
        },
        (LegalBasis.CONSENT,),
        "sign_up",
        "P3D",
    ),
    Readymade(
        SIGN_UP_PROOF,
        {"en": "Proof of sign-up", "hu": "A feliratkozás igazolása", "ro": "Dovada abonării"},
        (LegalBasis.LEGITIMATE_INTEREST,),
        "withdrawal",
        "P5Y",
    ),
    Readymade(
        SENDING_LOG,
        {"en": "Sending log", "hu": "Küldési napló", "ro": "Jurnalul trimiterilor"},
        (LegalBasis.LEGITIMATE_INTEREST,),
        "sending",
        "P30D",
    ),
    Readymade(
        MEASUREMENT,
        {
            "en": "Measurement of opens and clicks",
            "hu": "Megnyitások és kattintások mérése",
            "ro": "Măsurarea deschiderilor și a clicurilor",
        },
        (LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST),
        "withdrawal",
        "",
        Activity.Action.ANONYMISE,
    ),
    Readymade(
        SUPPRESSION,
        {"en": "Suppression list", "hu": "Tiltólista", "ro": "Lista de excludere"},
        (LegalBasis.LEGAL_OBLIGATION,),
        "withdrawal",
        "",
    ),
    Readymade(
        IMPORT,
        {"en": "Import of lists", "hu": "Címlisták importálása", "ro": "Importul listelor"},
        (LegalBasis.LEGITIMATE_INTEREST,),
        "upload",
        "P7D",
    ),
    Readymade(
        ACCOUNTS,
        {"en": "User accounts", "hu": "Felhasználói fiókok", "ro": "Conturi de utilizator"},
        (LegalBasis.CONTRACT,),
        "end_of_contract",
        "",
    ),
)
