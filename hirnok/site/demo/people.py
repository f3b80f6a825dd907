"""A list of customers such as Excel saves it: windows-1250, semicolons, CRLF, dates as people here write them.

Pure, and the same for the same seed. Among the rows are repeated people, addresses that are none, and some whose
local part makes the mail sandbox refuse (`no-such`, `blocked`) or put off (`greylist`) what is sent to them.
"""

import csv
import io
import unicodedata
from datetime import date, timedelta
from random import Random

HEADER = (
    "Vezetéknév", "Keresztnév", "E-mail cím", "Nyelv", "Település", "Törzsvevő", "Pontok",
    "Utolsó vásárlás", "Feliratkozás dátuma",
)  # fmt: skip
SEED = 20261103
ROWS = 2000
REPEATED = 14
REFUSED = 22
BLOCKED = 4
GREYLISTED = 16
NEWEST = date(2026, 10, 30)

_NAMES = {
    "hu": (
        "Nagy Kovács Tóth Szabó Horváth Varga Kiss Molnár Németh Farkas Balogh Papp Lakatos Takács Juhász Oláh Mészáros"
        " Simon Rácz Fekete Szilágyi Török Fehér Balázs Gál Kis Szűcs Kocsis Orsós Pintér Fodor Szalai Sipos Magyar"
        " Lukács Gulyás Bíró Király Katona László Jakab Bogdán Balog Sándor Boros Váradi Kelemen Antal Somogyi Őri Győri",
        "Mária Erzsébet Katalin Ilona Éva Anna Zsuzsanna Margit Judit Ágnes Julianna Andrea Ildikó Erika Krisztina Irén"
        " Eszter Magdolna Mónika Edit Gabriella Szilvia Dóra Réka Zsófia László István József János Zoltán Sándor Gábor"
        " Ferenc Attila Péter Tamás Zsolt Tibor András Csaba Imre Lajos György Balázs Gyula Mihály Ákos Bálint Örs Ödön",
        "Budapest Szeged Debrecen Pécs Győr Miskolc Nyíregyháza Kecskemét Székesfehérvár Szombathely Sopron Eger"
        " Veszprém Kőszeg Hódmezővásárhely Őriszentpéter Zánka Tihany Szentendre Vác",
        "posta.example level.example kerteszlap.example futarposta.example",
    ),
    "ro": (
        "Popa Popescu Ionescu Radu Dumitru Stan Stoica Gheorghe Matei Ciobanu Rusu Munteanu Moldovan Lungu Serban Tudor"
        " Ioniţă Dinu Neagu Ţăranu Şerban Bălan Mureşan Crişan Ardelean Câmpeanu Rădulescu Enăchescu Brânzei Văduva",
        "Maria Elena Ioana Andreea Mihaela Ana Gabriela Cristina Alina Simona Raluca Ştefania Anca Lăcrămioara"
        " Andrei Alexandru Mihai Ion Ştefan Gheorghe Vasile Cătălin Răzvan Bogdan Ionuţ Traian Dănuţ Horaţiu",
        "Oradea Cluj-Napoca Timişoara Arad Braşov Bucureşti Iaşi Sibiu Târgu-Mureş Satu-Mare Baia-Mare Reşiţa",
        "curier.example scrisoare.example posta-ta.example",
    ),
    "en": (
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Wright Walker Thompson Green Hall Wood Clarke"
        " Edwards Hughes Turner O'Neill",
        "Olivia Amelia Emily Jessica Sophie Charlotte Grace Alice Harry George Jack Oliver Thomas James William Oscar"
        " Edward Arthur Henry Noah",
        "London Bristol Leeds York Cork Dublin Vienna Brussels",
        "mail.example letters.example",
    ),
}  # fmt: skip
_INVALID = (
    "", "nincs", "kata.posta.example", "@posta.example", "jozsef@@level.example", "maria.elena@", "anna@posta,example",
    "telefonon kérte", "péter@", "balazs@posta..example", "xy@-level.example",
)  # fmt: skip


def file(seed: int = SEED, rows: int = ROWS) -> bytes:
    """Return the whole file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(_rows(Random(seed), rows))  # noqa: S311
    return text.getvalue().encode("cp1250")


def _rows(random: Random, count: int) -> list[list[str]]:
    fresh = count - REPEATED - len(_INVALID)
    taken: set[str] = set()
    found = [_person(random, taken) for _ in range(fresh)]
    for word, number in (
        ("no-such", REFUSED),
        ("blocked", BLOCKED),
        ("greylist", GREYLISTED),
    ):
        for row in random.sample(found, number):
            local, _, domain = row[2].partition("@")
            row[2] = f"{local}.{word}@{domain}"
    repeated = [_again(random, row) for row in random.sample(found, REPEATED)]
    invalid = [
        [*_person(random, taken)[:2], address, "hu", "", "", "", "", ""] for address in _INVALID
    ]
    everything = found + repeated + invalid
    random.shuffle(everything)
    return everything


def _person(random: Random, taken: set[str]) -> list[str]:
    language = random.choices(("hu", "ro", "en"), (62, 25, 13))[0]
    last, first, towns, domains = (random.choice(words.split()) for words in _NAMES[language])
    has_name = random.random() > 0.06
    return [
        last if has_name else "",
        first if has_name else "",
        _address(random, taken, first, last, domains),
        language,
        towns.replace("-Mare", " Mare"),
        random.choices(("igen", "nem", ""), (3, 6, 1))[0],
        f"{random.randrange(0, 40000) / 10:.1f}".replace(".", ","),
        _day(random, 900) if random.random() > 0.2 else "",
        _day(random, 2000),
    ]


def _again(random: Random, row: list[str]) -> list[str]:
    """The same person once more, typed a little differently."""
    local, _, domain = row[2].partition("@")
    address = random.choice((row[2], f"{local}@{domain.upper()}", f" {row[2]} "))
    return [*row[:2], address, *row[3:7], "", row[8]]


def _address(random: Random, taken: set[str], first: str, last: str, domain: str) -> str:
    a, b = _plain(first), _plain(last)
    forms = (f"{a}.{b}", f"{b}.{a}", f"{a}{b}", f"{a[0]}.{b}", f"{b}{a[:2]}")
    for number in range(1000):
        local = random.choice(forms)
        local += "" if number == 0 else str(random.randrange(50, 100 + number * 20))
        address = f"{local}@{domain}"
        if address not in taken:
            taken.add(address)
            return address
    raise AssertionError("no free address")


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in letters if "a" <= letter <= "z")


def _day(random: Random, days: int) -> str:
    return f"{NEWEST - timedelta(days=random.randrange(days)):%Y.%m.%d.}"
