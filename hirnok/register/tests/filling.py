"""Registers of three firms such as the requirements were read from (D, X, A), filled as of the days of their notices.

The facts are the sources'; the firms' names are made up.
"""

from collections.abc import Iterable
from datetime import date

from hirnok.register import categories as data
from hirnok.register import describing, readymade
from hirnok.register.describing import Ground, Item, Purpose, Rule
from hirnok.register.models import Activity, Controller, Notice, Recipient
from hirnok.tenants.models import Tenant

SUPPORT_DAY = date(2020, 2, 11)
SITE_DAY = date(2020, 8, 1)
FREELY = {"hu": "az érintett önként adja meg", "ro": "dată de bunăvoie", "en": "given freely"}


def three(hu: str, ro: str, en: str) -> dict[str, str]:
    return {"hu": hu, "ro": ro, "en": en}


def controller(tenant: Tenant, **values: object) -> None:
    Controller.objects.of(tenant).update(**values)


def change(tenant: Tenant, code: str, **values: object) -> None:
    Activity.objects.of(tenant).filter(code=code).update(**values)


def notice(tenant: Tenant, code: str, activities: Iterable[str]) -> Notice:
    made: Notice = Notice.objects.create(
        tenant=tenant, code=code, activities=list(activities), token=f"token-{code}"
    )
    return made


def recipient(tenant: Tenant, name: str, since: date, **values: object) -> Recipient:
    made: Recipient = Recipient.objects.create(
        tenant=tenant,
        name=name,
        since=since,
        **{"kind": "processor", "contract": "DPA", "countries": ["HU"], **values},
    )
    return made


def support_desk(tenant: Tenant, *, guarantee: str, since: date) -> Notice:
    """D: tickets by e-mail, form and phone; six processors, four of them with data in the USA."""
    controller(
        tenant,
        name="Segítő Kft.",
        postal_address="1052 Budapest, Minta tér 3.",
        site_address="7632 Pécs, Minta utca 5.",
        email="adatvedelem@segito.example",
        phone="+36 20 000 0000",
        web_site="https://segito.example",
        keeps_to_eea=False,
    )
    contract = three(
        "szerződött ügyfeleknél", "pentru clienții cu contract", "for customers under contract"
    )
    otherwise = three("egyéb esetben", "în celelalte cazuri", "otherwise")
    both = (Ground("contract", when=contract), Ground("consent", when=otherwise))
    technical = (Ground("legitimate_interest", balancing="sending_log"),)
    purposes = [
        Purpose(
            three("ügyfélszolgálat működtetése, megszólítás, azonosítás", "suport, adresare, identificare", "support, addressing, identification"),
            both,
            (Item(data.FAMILY_NAME), Item(data.GIVEN_NAME)),
        ),
        Purpose(
            three("az üzenet és a válasz elküldése", "trimiterea mesajului și a răspunsului", "sending message and answer"),
            both,
            (Item(data.ADDRESS, obligatory=True),),
        ),
        Purpose(
            three("a kapcsolódó szerződés azonosítása", "identificarea contractului", "finding the contract"),
            both,
            (Item(data.COMPANY),),
        ),
        Purpose(
            three("a kérés megválaszolása, a probléma megoldása", "răspunsul la cerere", "answering the request"),
            both,
            (Item(data.MESSAGE),),
        ),
        Purpose(
            three("visszahívás; a telefonszám minden hívásnál rögzül", "reapelare; numărul se păstrează la fiecare apel", "calling back; the number of every call is kept"),
            technical,
            (Item(data.PHONE),),
        ),
        Purpose(
            three("a rendszer üzemeltetése", "funcționarea sistemului", "running the system"),
            technical,
            (Item(data.TECHNICAL),),
        ),
    ]  # fmt: skip
    change(
        tenant,
        readymade.SUPPORT,
        purposes=describing.stored(purposes),
        further_retention=describing.stored([Rule("contract", "end_of_contract", "P5Y")]),
        seen_by=three(
            "az ügyfélszolgálat, a marketing és az ügyben illetékes munkatársak, valamint az ügyvezető; titoktartásra kötelezettek",
            "colegii de la suport, marketing și cei competenți, și administratorul; obligați la confidențialitate",
            "support and marketing staff, those competent, and the managing director; bound to secrecy",
        ),
        security_measures=three(
            "az ISO 27001 iránymutatásai szerint", "conform ISO 27001", "following ISO 27001"
        ),
    )
    storing = three("hibajegyek tárolása", "stocarea tichetelor", "keeping tickets")
    for name, place, task, country in (
        ("Ticket Inc", "Irvine, California", "hibajegykezelő", "US"),
        ("Mail Ireland Ltd.", "Dublin", "levelezés", "US"),
        ("Calls Inc", "New York", "hívásrögzítés, telekommunikáció", "US"),
        ("Crm Inc", "Cambridge, MA", "CRM rendszer", "US"),
        ("Rendszergazda Kft.", "7632 Pécs", "rendszergazda", "HU"),
        ("Mobil Zrt.", "2045 Törökbálint", "mobilszolgáltató", "HU"),
    ):
        recipient(
            tenant,
            name,
            since,
            address=place,
            task=three(task, task, task),
            activities=[readymade.SUPPORT, readymade.RECORDINGS],
            countries=[country],
            guarantee=guarantee if country == "US" else "",
            transfer_reason=storing if country == "US" else {},
        )
    return notice(tenant, "support", [readymade.SUPPORT, readymade.RECORDINGS])


SITE = (
    readymade.VISITORS, readymade.COOKIES, readymade.QUOTES, readymade.CHAT, readymade.RECORDINGS,
    readymade.NEWSLETTER, readymade.RECRUITING, readymade.TALENT_POOL, readymade.INQUIRIES,
)  # fmt: skip


def web_site(tenant: Tenant, *, analytics_since: date | None = None) -> Notice:
    """X: the web site of a firm, with its visitors, quotes, chat, phone, newsletter, applications and inquiries."""
    controller(
        tenant,
        name="Gépész Kft.",
        postal_address="6725 Szeged, Minta utca 44.",
        registration_number="00000000-2-06",
        email="info@gepesz.example",
        officer_name="dr. Minta Lujza",
        officer_phone="+36 30 000 0000",
        officer_email="adat@gepesz.example",
    )
    newsletter = Purpose(
        three("hírlevél és reklámanyagok küldése", "trimiterea de newslettere și reclame", "sending newsletters and offers"),
        (Ground("consent"),),
        (Item(data.ADDRESS, obligatory=True), Item(data.NAME)),
    )  # fmt: skip
    change(tenant, readymade.NEWSLETTER, purposes=describing.stored([newsletter]))
    if analytics_since is not None:
        recipient(
            tenant,
            "Analytics LLC",
            analytics_since,
            activities=[readymade.COOKIES],
            countries=["US"],
            guarantee="scc",
            task=three("látogatottság mérése", "măsurarea vizitelor", "measuring visits"),
        )
    return notice(tenant, "site", SITE)


def agency(tenant: Tenant) -> Notice:
    """A: an agency that sends campaigns for its clients, with contacts from open sources and clients' lists."""
    controller(
        tenant,
        name="Expeditor SRL",
        postal_address="MD-2004 Chișinău, str. Exemplu 1",
        email="date@expeditor.example",
        jurisdiction="MD",
        keeps_to_eea=False,
    )
    contacts = Purpose(
        three("kampányok küldése, hatékonysági jelentések, remarketing", "expedierea campaniilor, rapoarte de eficiență, remarketing", "sending campaigns, reports, remarketing"),
        (Ground("legitimate_interest", balancing="newsletter"),),
        (
            Item(data.NAME), Item(data.COMPANY), Item(data.ADDRESS, obligatory=True), Item(data.PHONE),
            Item(data.WEB_SITE), Item(data.FIELD),
        ),
    )  # fmt: skip
    change(
        tenant,
        readymade.NEWSLETTER,
        purposes=describing.stored([contacts]),
        origin=three(
            "nyilvános források (címjegyzékek, nyilvános oldalak) és az ügyfelek által átadott listák",
            "surse deschise (directoare de afaceri, site-uri publice) și listele oferite de clienți",
            "open sources (directories, public sites) and lists given by clients",
        ),
        security_measures=three(
            "az adatok a saját kiszolgálóinkon vannak, kívülről nem érhetők el",
            "datele sunt păstrate pe serverele noastre și nu sunt accesibile din exterior",
            "the data are on our own servers, closed to outside access",
        ),
    )
    return notice(
        tenant, "agency", [readymade.NEWSLETTER, readymade.MEASUREMENT, readymade.SUPPRESSION]
    )
