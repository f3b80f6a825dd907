"""The activities that every tenant's register begins with; their texts are the tenant's to change.

What this version does is active from the start; what later packages will do is there, complete and switched off.
Periods follow X1 to X8, D5 and A2 and are rows, not code: a tenant changes them in its register. Texts are written
in English here and put into every language when a tenant is founded.
"""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hirnok.register import categories as data
from hirnok.register.describing import Ground, Item, Rule
from hirnok.register.models import Activity, LegalBasis

NEWSLETTER = "newsletter"
SIGN_UP = "sign_up"
SIGN_UP_PROOF = "sign_up_proof"
SENDING_LOG = "sending_log"
MEASUREMENT = "measurement"
ACCOUNTS = "accounts"
SUPPRESSION = "suppression"
IMPORT = "import"
SUPPORT = "support"
RECORDINGS = "recordings"
QUOTES = "quotes"
CHAT = "chat"
RECRUITING = "recruiting"
TALENT_POOL = "talent_pool"
VISITORS = "visitors"
COOKIES = "cookies"
CUSTOMERS = "customers"
INQUIRIES = "inquiries"
BREACHES = "breaches"
RIGHTS = "rights"
RIGHTS_LETTERS = "rights_letters"
AUTHORITIES = "authorities"
BACKUPS = "backups"
BACKUPS_PERIOD = "P35D"  # where no register says otherwise
ACCESS_LOG = "access_log"

Words = str | Promise
FROM_THE_PERSON = _("The data come from the person concerned.")


@dataclass(frozen=True)
class Readymade:
    """An activity as it is first written into a register. `purposes`: (text, grounds, data items)."""

    code: str
    name: Words
    legal_bases: tuple[str, ...]
    retention_start: str
    retention_period: str
    action: str = Activity.Action.DELETE
    active: bool = True
    description: Words = ""
    purpose: Words = ""
    items: tuple[Item, ...] = ()
    grounds: tuple[Ground, ...] = ()
    subjects: Words = ""
    origin: Words = FROM_THE_PERSON
    seen_by: Words = ""
    retention_words: Words = ""
    retention_law: str = ""
    further: tuple[Rule, ...] = field(default=())


NOTICE_TITLE = _("Privacy notice")
REFUSED = _("Without it this cannot be done.")
COMPETENT = _("the colleagues who deal with customers")
STAFF = _("the colleagues who deal with staff, and the executives")
MARKETING = _("the colleagues who deal with customers and marketing")

READYMADE: tuple[Readymade, ...] = (
    Readymade(
        NEWSLETTER,
        _("Newsletter"),
        (LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST, LegalBasis.CONTRACT),
        "withdrawal",
        "",
        description=_("Who asked for the newsletter gets it until the consent is withdrawn."),
        purpose=_("sending newsletters and offers by e-mail"),
        items=(Item(data.ADDRESS, obligatory=True), Item(data.NAME)),
        subjects=_("people who signed up, and those whom a list names that may be used"),
        seen_by=MARKETING,
    ),
    Readymade(
        SIGN_UP,
        _("Sign-ups that wait for confirmation"),
        (LegalBasis.CONSENT,),
        "sign_up",
        "P3D",
        description=_(
            "A sign-up counts when the link in the mail is confirmed; until then it waits."
        ),
        purpose=_("making sure that the owner of the address wants the newsletter"),
        subjects=_("people who filled in a sign-up form"),
        seen_by=MARKETING,
    ),
    Readymade(
        SIGN_UP_PROOF,
        _("Proof of sign-up"),
        (LegalBasis.LEGITIMATE_INTEREST,),
        "withdrawal",
        "P5Y",
        description=_("After a withdrawal a keyed hash, the text and the times stay; no address."),
        purpose=_("proving that consent was given, should a claim be made"),
        subjects=_("people who had signed up"),
        seen_by=_("the privacy officer"),
        retention_law="retention.claims",
    ),
    Readymade(
        SENDING_LOG,
        _("Sending log"),
        (LegalBasis.LEGITIMATE_INTEREST,),
        "sending",
        "P30D",
        description=_("What was sent to whom, and whether it arrived."),
        purpose=_("accounting for every message and mending failures"),
        subjects=_("people to whom a mail was sent"),
        seen_by=MARKETING,
    ),
    Readymade(
        MEASUREMENT,
        _("Measurement of opens and clicks"),
        (LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST),
        "withdrawal",
        "",
        Activity.Action.ANONYMISE,
        description=_(
            "Opens, clicks and the country; no IP address is kept and no code runs at the reader."
        ),
        purpose=_(
            "seeing which newsletters are read, and sparing people what does not interest them"
        ),
        subjects=_("readers of newsletters"),
        origin=_("The data arise when a newsletter is read."),
        seen_by=MARKETING,
    ),
    Readymade(
        SUPPRESSION,
        _("Suppression list"),
        (LegalBasis.LEGAL_OBLIGATION,),
        "withdrawal",
        "",
        description=_("A keyed hash stays, so that the address can never be written to again."),
        purpose=_("respecting withdrawals and objections for ever"),
        grounds=(Ground(LegalBasis.LEGAL_OBLIGATION, law="GDPR 21 (3)"),),
        subjects=_("people who left or objected"),
        seen_by=_("nobody: a hash can only be compared"),
    ),
    Readymade(
        BREACHES,
        _("Personal data breaches"),
        (LegalBasis.LEGAL_OBLIGATION,),
        "collection",
        "P5Y",
        description=_(
            "Reports that rights were violated are looked into as suspected breaches; who was told of a breach is recorded."
        ),
        purpose=_("finding out about breaches, telling those concerned and proving it"),
        grounds=(Ground(LegalBasis.LEGAL_OBLIGATION, law="GDPR 33, 34"),),
        subjects=_("people who report a violation, and those whom a breach concerns"),
        seen_by=_("the privacy officer"),
    ),
    Readymade(
        IMPORT,
        _("Import of lists"),
        (LegalBasis.LEGITIMATE_INTEREST,),
        "upload",
        "P7D",
        description=_(
            "The uploaded file and the rows that were not taken, until they have been looked at."
        ),
        purpose=_("taking over a list and saying which rows were refused, and why"),
        subjects=_("people on an imported list"),
        origin=_("The data come from the list whose origin was declared at the import."),
        seen_by=MARKETING,
    ),
    Readymade(
        ACCOUNTS,
        _("User accounts"),
        (LegalBasis.CONTRACT,),
        "end_of_contract",
        "",
        description=_("Who works with the system, and how they sign in."),
        purpose=_("letting authorised people work, and nobody else"),
        subjects=_("users of the system"),
        seen_by=_("the owner of the account and the operator"),
    ),
    Readymade(
        SUPPORT,
        _("Support desk"),
        (LegalBasis.CONTRACT, LegalBasis.CONSENT),
        "last_message",
        "P5Y",
        active=False,
        description=_("Requests by e-mail, form and phone are answered and kept together."),
        purpose=_("answering requests and solving problems"),
        items=(
            Item(data.FAMILY_NAME),
            Item(data.GIVEN_NAME),
            Item(data.ADDRESS, obligatory=True),
            Item(data.COMPANY),
            Item(data.MESSAGE, obligatory=True),
            Item(data.PHONE),
        ),
        subjects=_("people who turn to the support desk"),
        seen_by=COMPETENT,
        retention_words=_("Until the consent is withdrawn, at the longest for the period."),
        further=(Rule(LegalBasis.CONTRACT, "end_of_contract", "P5Y"),),
    ),
    Readymade(
        RECORDINGS,
        _("Recorded calls"),
        (LegalBasis.CONSENT,),
        "recording",
        "P1Y",
        active=False,
        description=_("Calls are recorded after an announcement; who stays on the line consents."),
        purpose=_("handling complaints and proving what was said"),
        items=(
            Item(data.VOICE, obligatory=True),
            Item(data.PHONE, obligatory=True),
            Item(data.NAME),
        ),
        subjects=_("people who call the support desk"),
        seen_by=COMPETENT,
        retention_words=_(
            "On proof of a legitimate interest a recording is kept longer, for that alone."
        ),
    ),
    Readymade(
        QUOTES,
        _("Requests for quotes"),
        (LegalBasis.CONSENT,),
        "withdrawal",
        "",
        active=False,
        description=_("Who asks for a quote or shows interest is answered."),
        purpose=_("making quotes and keeping in touch about them"),
        items=(Item(data.ADDRESS, obligatory=True), Item(data.NAME), Item(data.PHONE)),
        subjects=_("people who ask for a quote"),
        seen_by=COMPETENT,
    ),
    Readymade(
        CHAT,
        _("Chat"),
        (LegalBasis.CONSENT,),
        "withdrawal",
        "",
        active=False,
        description=_(
            "Conversations on the web site and in Messenger, answered by a program and by people."
        ),
        purpose=_("informing those who are interested, marketing and market research"),
        items=(
            Item(data.CONVERSATION, obligatory=True),
            Item(data.NAME),
            Item(data.ADDRESS),
            Item(data.MESSENGER),
        ),
        subjects=_("people who chat with us"),
        seen_by=COMPETENT,
        retention_words=_("Until the consent is withdrawn or the purpose ends."),
    ),
    Readymade(
        RIGHTS,
        _("Requests of persons"),
        (LegalBasis.LEGAL_OBLIGATION,),
        "answer",
        "P5Y",
        description=_(
            "Who asks for access, rectification, erasure or another right is answered, and that it was done can be proved; names and addresses are not kept for that."
        ),
        purpose=_("answering requests of persons, and proving that the law was kept"),
        grounds=(Ground(LegalBasis.LEGAL_OBLIGATION, law="GDPR 12, 15–22, 5 (2)"),),
        subjects=_("people who exercise a right"),
        seen_by=_("the privacy officer"),
        retention_law="retention.claims",
    ),
    Readymade(
        RIGHTS_LETTERS,
        _("Letters on requests of persons"),
        (LegalBasis.LEGAL_OBLIGATION,),
        "answer",
        "P1Y",
        description=_(
            "The name, the address and the letters that belong to a request, as long as the answer may have to be sent again or be looked at by an authority."
        ),
        purpose=_("sending the answer to a request, and identifying who asks"),
        grounds=(Ground(LegalBasis.LEGAL_OBLIGATION, law="GDPR 12"),),
        subjects=_("people who exercise a right"),
        seen_by=_("the privacy officer"),
    ),
    Readymade(
        AUTHORITIES,
        _("Data handed to authorities"),
        (LegalBasis.LEGAL_OBLIGATION,),
        "collection",
        "P5Y",
        description=_(
            "Authorities get data on a lawful order only; the order and what was handed out are recorded."
        ),
        purpose=_("obeying lawful orders, and proving what was handed out"),
        grounds=(Ground(LegalBasis.LEGAL_OBLIGATION, law="GDPR 6 (1) c, 5 (2)"),),
        subjects=_("people whom an authority asks about"),
        origin=_("The data come from the order of the authority."),
        seen_by=_("the privacy officer"),
        retention_law="retention.claims",
    ),
    Readymade(
        ACCESS_LOG,
        _("Log of who looked"),
        (LegalBasis.LEGAL_OBLIGATION,),
        "collection",
        "P2Y",
        description=_(
            "Each time staff are shown data of persons, it is noted who, when and why; the persons are keyed hashes there."
        ),
        purpose=_("finding out about misuse, and proving that data are kept safe"),
        grounds=(Ground(LegalBasis.LEGAL_OBLIGATION, law="GDPR 5 (1) f, 5 (2), 32"),),
        subjects=_("people whose data are looked at"),
        origin=_("The entries arise when data are looked at."),
        seen_by=_("the privacy officer"),
    ),
    Readymade(
        RECRUITING,
        _("Job applications"),
        (LegalBasis.CONSENT,),
        "decision",
        "P7D",
        active=False,
        description=_(
            "Applications are kept until the position is decided; then each applicant is asked."
        ),
        purpose=_("filling positions"),
        items=(
            Item(data.NAME, obligatory=True),
            Item(data.ADDRESS, obligatory=True),
            Item(data.BIRTH),
            Item(data.MOTHERS_NAME),
            Item(data.POSTAL_ADDRESS),
            Item(data.PHONE),
            Item(data.EDUCATION),
            Item(data.EXPERIENCE),
        ),
        subjects=_("applicants"),
        seen_by=STAFF,
    ),
    Readymade(
        TALENT_POOL,
        _("Applicants for later positions"),
        (LegalBasis.CONSENT,),
        "consent",
        "P1Y",
        active=False,
        description=_(
            "Who was not chosen and agrees is kept for one more year, counted from that consent."
        ),
        purpose=_("filling later positions"),
        items=(
            Item(data.NAME, obligatory=True),
            Item(data.ADDRESS, obligatory=True),
            Item(data.EDUCATION),
            Item(data.EXPERIENCE),
        ),
        subjects=_("applicants"),
        seen_by=STAFF,
    ),
    Readymade(
        VISITORS,
        _("Log of visitors"),
        (LegalBasis.CONSENT,),
        "visit",
        "P30D",
        active=False,
        description=_("Each page that is opened is noted, without joining it to a person."),
        purpose=_("checking that the web site works, and preventing abuse"),
        items=(Item(data.BROWSER_LANGUAGE), Item(data.PAGE)),
        subjects=_("visitors of the web site"),
        origin=_("The data arise when the web site is visited."),
        seen_by=_("the colleagues who run the web site"),
    ),
    Readymade(
        COOKIES,
        _("Cookies"),
        (LegalBasis.CONSENT,),
        "consent",
        "P30D",
        active=False,
        description=_("Cookies that are not strictly necessary are only set with consent."),
        purpose=_("making the web site easier to use and seeing how it is used"),
        items=(Item(data.COOKIE),),
        subjects=_("visitors of the web site"),
        origin=_("The data arise when the web site is visited."),
        seen_by=_("the colleagues who run the web site"),
    ),
    Readymade(
        CUSTOMERS,
        _("Customers and invoices"),
        (LegalBasis.LEGAL_OBLIGATION, LegalBasis.CONTRACT),
        "end_of_year",
        "P8Y",
        active=False,
        description=_("Orders, contracts and invoices."),
        purpose=_("fulfilling contracts and keeping accounts as the law wants it"),
        items=(
            Item(data.NAME, obligatory=True),
            Item(data.ADDRESS, obligatory=True),
            Item(data.INVOICING, obligatory=True),
            Item(data.PHONE),
        ),
        grounds=(
            Ground(LegalBasis.LEGAL_OBLIGATION, law="Sztv. 169"),
            Ground(LegalBasis.CONTRACT),
        ),
        subjects=_("customers and their contacts"),
        seen_by=_("the colleagues who deal with customers and accounts"),
        retention_law="retention.accounting",
    ),
    Readymade(
        BACKUPS,
        _("Backups"),
        (LegalBasis.LEGAL_OBLIGATION,),
        "backup",
        BACKUPS_PERIOD,
        description=_(
            "Encrypted copies of everything, from which a lost installation is restored."
        ),
        purpose=_("being able to restore the data after a failure"),
        items=(Item(data.ADDRESS), Item(data.NAME)),
        grounds=(Ground(LegalBasis.LEGAL_OBLIGATION, law="GDPR Art. 32 (1) b, c"),),
        subjects=_("everybody whose data we hold"),
        origin=_("The data are those of the other activities."),
        seen_by=_("those who run the servers"),
        retention_words=_(
            "What was erased stays in earlier backups until they are deleted; when one is restored it is erased again before anything else happens."
        ),
    ),
    Readymade(
        INQUIRIES,
        _("Inquiries"),
        (LegalBasis.CONSENT,),
        "last_message",
        "P5Y",
        active=False,
        description=_(
            "What came with a question by e-mail or phone; nobody is signed up for writing to us."
        ),
        purpose=_("answering questions"),
        items=(
            Item(data.NAME),
            Item(data.ADDRESS),
            Item(data.PHONE),
            Item(data.MESSAGE, obligatory=True),
        ),
        subjects=_("people who ask something"),
        seen_by=COMPETENT,
    ),
)
