"""Numbers of the law, authorities and guarantees as dated rows: what held on a day is asked, never assumed.

`sync` adds the rows below that are missing, after each migrate; what an operator added or ended stays. Sources:
GDPR; Reg. 1182/71; Hungarian acts 2000:C (Sztv.), 2013:V (Ptk.), 1997:CLV (Fgytv.); Romanian law 190/2018;
C-311/18 (Schrems II) for Privacy Shield; decisions of the Commission on adequacy.
"""

from datetime import date

from django.db.models import Q

from hirnok.register.models import Authority, GuaranteeKind, LegalRule

GDPR = date(2018, 5, 25)
LEGAL_RULES: tuple[tuple[str, str, str, str, str, date, date | None], ...] = (
    ("EU", "answer", "P1M", "at_most", "GDPR 12 (3)", GDPR, None),
    ("EU", "extension", "P2M", "at_most", "GDPR 12 (3)", GDPR, None),
    ("EU", "notify_authority", "P3D", "at_most", "GDPR 33 (1): 72 h", GDPR, None),
    ("EU", "inform_indirectly", "P1M", "at_most", "GDPR 14 (3)", GDPR, None),
    ("HU", "retention.accounting", "P8Y", "at_least", "Sztv. 169", date(2001, 1, 1), None),
    ("HU", "retention.claims", "P5Y", "at_most", "Ptk. 6:22", date(2014, 3, 15), None),
    ("HU", "retention.complaint", "P3Y", "at_least", "Fgytv. 17/A", date(2020, 3, 1), None),
    ("RO", "retention.claims", "P3Y", "at_most", "Cod civil 2517", date(2011, 10, 1), None),
    ("RO", "retention.accounting", "P5Y", "at_least", "Legea 82/1991, 25", date(2015, 7, 1), None),
    ("RO", "retention.monitoring", "P30D", "at_most", "Legea 190/2018, 5", date(2018, 7, 31), None),
)
AUTHORITIES: tuple[tuple[str, dict[str, str], str, str, str, str, date, date | None], ...] = (
    (
        "HU",
        {
            "hu": "Nemzeti Adatvédelmi és Információszabadság Hatóság (NAIH)",
            "ro": "Autoritatea Națională pentru Protecția Datelor și Libertatea Informației din Ungaria (NAIH)",
            "en": "Hungarian National Authority for Data Protection and Freedom of Information (NAIH)",
        },
        "1125 Budapest, Szilágyi Erzsébet fasor 22/C",
        "ugyfelszolgalat@naih.hu",
        "+36 1 391 1400",
        "https://naih.hu",
        date(2012, 1, 1),
        date(2020, 6, 30),
    ),
    (
        "HU",
        {
            "hu": "Nemzeti Adatvédelmi és Információszabadság Hatóság (NAIH)",
            "ro": "Autoritatea Națională pentru Protecția Datelor și Libertatea Informației din Ungaria (NAIH)",
            "en": "Hungarian National Authority for Data Protection and Freedom of Information (NAIH)",
        },
        "1055 Budapest, Falk Miksa utca 9-11",
        "ugyfelszolgalat@naih.hu",
        "+36 1 391 1400",
        "https://naih.hu",
        date(2020, 7, 1),
        None,
    ),
    (
        "RO",
        {
            "hu": "A személyes adatok feldolgozását felügyelő romániai hatóság (ANSPDCP)",
            "ro": "Autoritatea Națională de Supraveghere a Prelucrării Datelor cu Caracter Personal (ANSPDCP)",
            "en": "Romanian National Supervisory Authority for Personal Data Processing (ANSPDCP)",
        },
        "010336 București, B-dul G-ral Gheorghe Magheru 28-30, sector 1",
        "anspdcp@dataprotection.ro",
        "+40 318 059 211",
        "https://www.dataprotection.ro",
        date(2012, 1, 1),
        None,
    ),
    (
        "MD",
        {
            "hu": "A személyes adatok védelmének moldovai nemzeti központja (CNPDCP)",
            "ro": "Centrul Național pentru Protecția Datelor cu Caracter Personal (CNPDCP)",
            "en": "National Center for Personal Data Protection of the Republic of Moldova (CNPDCP)",
        },
        "MD-2004 Chișinău, str. Serghei Lazo 48",
        "centru@datepersonale.md",
        "+373 22 820 801",
        "https://datepersonale.md",
        date(2012, 1, 1),
        None,
    ),
)
ADEQUATE = "AD AR CA CH FO GG IL IM JE NZ UY"
GUARANTEES: tuple[tuple[str, str, str, date, date | None], ...] = (
    ("adequacy", ADEQUATE, "GDPR 45 (9)", GDPR, None),
    ("adequacy", f"{ADEQUATE} JP", "Decision (EU) 2019/419", date(2019, 1, 23), None),
    ("adequacy", f"{ADEQUATE} JP GB", "Decision (EU) 2021/1772", date(2021, 6, 28), None),
    ("adequacy", f"{ADEQUATE} JP GB KR", "Decision (EU) 2022/254", date(2021, 12, 17), None),
    (
        "privacy_shield",
        "US",
        "Decision (EU) 2016/1250; C-311/18",
        date(2016, 7, 12),
        date(2020, 7, 15),
    ),
    ("dpf", "US", "Decision (EU) 2023/1795", date(2023, 7, 10), None),
    ("scc_2010", "", "Decision 2010/87/EU", date(2010, 5, 15), date(2022, 12, 27)),
    ("scc", "", "Decision (EU) 2021/914", date(2021, 6, 27), None),
    ("bcr", "", "GDPR 47", GDPR, None),
    ("explicit_consent", "", "GDPR 49 (1) a", GDPR, None),
)
_EEA = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO"
EEA = frozenset(_EEA.split())
LEFT_EEA = {"GB": date(2020, 12, 31)}  # the last day


class NoSuchRule(LookupError):
    """No law that is known here says anything about this on that day."""


def sync() -> None:
    """Add the rows that are missing."""
    for jurisdiction, code, value, bound, source, since, until in LEGAL_RULES:
        LegalRule.objects.get_or_create(
            jurisdiction=jurisdiction,
            code=code,
            valid_from=since,
            defaults={"value": value, "bound": bound, "source": source, "valid_to": until},
        )
    for place, name, address, email, phone, web_site, since, until in AUTHORITIES:
        Authority.objects.get_or_create(
            jurisdiction=place,
            valid_from=since,
            defaults={
                "name": name,
                "address": address,
                "email": email,
                "phone": phone,
                "web_site": web_site,
                "valid_to": until,
            },
        )
    for code, countries, source, since, until in GUARANTEES:
        GuaranteeKind.objects.get_or_create(
            code=code,
            valid_from=since,
            defaults={"countries": countries.split(), "source": source, "valid_to": until},
        )


def rule(jurisdiction: str, code: str, on: date) -> LegalRule:
    """Return the rule that holds on a day: the country's, else the Union's; NoSuchRule."""
    for place in (jurisdiction, "EU"):
        found = (
            LegalRule.objects.filter(_holds(on), jurisdiction=place, code=code)
            .order_by("-valid_from")
            .first()
        )
        if found is not None:
            return found
    raise NoSuchRule(f"{code} in {jurisdiction} on {on}")


def authority(jurisdiction: str, on: date) -> Authority | None:
    """Return the supervisory authority's data on a day."""
    return (
        Authority.objects.filter(_holds(on), jurisdiction=jurisdiction)
        .order_by("-valid_from")
        .first()
    )


def is_in_eea(country: str, on: date) -> bool:
    """Whether a country belonged to the European Economic Area on a day."""
    return country in EEA or (country in LEFT_EEA and on <= LEFT_EEA[country])


def makes_lawful(guarantee: str, country: str, on: date) -> bool:
    """Whether a guarantee covers a country outside the EEA on a day (Chapter V)."""
    kinds = GuaranteeKind.objects.filter(_holds(on), code=guarantee)
    return any(not kind.countries or country in kind.countries for kind in kinds)


def _holds(on: date) -> Q:
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on))
