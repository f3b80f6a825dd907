"""E-mail addresses: one normal form, and the blind index that stands for a person.

`Address.text` is the form to send to: the local part as given, the domain in lower-case ASCII (IDNA 2008). `Address.key`
is the identity: the whole address in lower case, because practically every provider ignores case in local
parts, and two contacts that differ by case only are one person. Tags (`+news`) and dots are never touched: they belong
to the address. Local parts outside ASCII are refused (they need SMTPUTF8 on the whole way).

Leaves to others: whether a domain exists, suppression, who may be written to.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from email_validator import EmailNotValidError, validate_email

Code = Literal[
    "empty", "several", "no_at", "local", "non_ascii_local", "domain", "too_long", "invalid"
]

MESSAGES: Final[dict[Code, str]] = {
    "empty": "There is no address.",
    "several": "There is more than one address in the cell.",
    "no_at": "There is no @ sign.",
    "local": "The part before the @ sign is not valid.",
    "non_ascii_local": "Letters with accents before the @ sign cannot be delivered reliably.",
    "domain": "The domain after the @ sign is not valid.",
    "too_long": "The address is too long.",
    "invalid": "This is not an e-mail address.",
}
INDEX_BYTES: Final = 16

_ATEXT: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ORDINARY: Final = re.compile(
    rf"((?!')(?=[^@]{{1,64}}@){_ATEXT}+(?:\.{_ATEXT}+)*)@((?:(?!..--){_LABEL}\.)+[A-Za-z]{{2,63}})"
).fullmatch
_SPECIAL: Final = frozenset(
    [
        "local",
        "localhost",
        "invalid",
        "onion",
        "arpa",
        "internal",
        "lan",
        "home",
        "corp",
        "localdomain",
    ]
)
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_BLANKS: Final = re.compile("[\\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_NAMED: Final = re.compile(r"(.*?)<\s*([^<>]*)\s*>[\s,;.]*", re.S)
_MAILTO: Final = re.compile(r"(?:\W*mailto:\s*)+", re.I)
_AT_SIGNS: Final = str.maketrans({"＠": "@", "﹫": "@", "．": ".", "。": "."})
_AROUND: Final = " \t\r\n,;:\"'´‘’“”„«»()[]<>"
_SEVERAL: Final = re.compile(r"@[^@]*[\s,;/|&]+[^@]*@")
_LONGEST_CELL: Final = 2_000


@dataclass(frozen=True, slots=True)
class Address:
    """An address that can be sent to. `display` is the name that stood beside it."""

    local: str
    domain: str
    display: str = ""

    @property
    def text(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        return f"{self.local}@{self.domain}".lower()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell is not an address. The wording is `MESSAGES[code]`, to be translated by the layer that shows it."""

    code: Code

    @property
    def message(self) -> str:
        return MESSAGES[self.code]


def normalise(raw: str) -> Address | Problem:
    """The address in a cell, freed from what stands around it (`mailto:`, brackets, quotes, trailing commas and dots,
    invisible characters, a name before `<…>`). Never raises; syntax only, no DNS."""
    found = _ORDINARY(raw)
    if found and len(raw) <= 254:
        domain = found[2].lower()
        if domain.rpartition(".")[2] not in _SPECIAL:
            return Address(found[1], domain)
    return _careful(raw)


def blind_index(key: bytes, address: Address) -> bytes:
    """16 bytes that stand for the person, by which they are found again without keeping the address (HMAC-SHA256,
    shortened). For many addresses use `Indexer`."""
    return Indexer(key)(address)


class Indexer:
    """`blind_index` with the key set up once."""

    def __init__(self, key: bytes) -> None:
        self._keyed = HMAC(key, SHA256())

    def __call__(self, address: Address) -> bytes:
        return self.of_key(address.key)

    def of_key(self, key: str) -> bytes:
        """For `Address.key`."""
        mac = self._keyed.copy()
        mac.update(key.encode("utf-8"))
        return mac.finalize()[:INDEX_BYTES]


def _careful(raw: str) -> Address | Problem:
    if len(raw) > _LONGEST_CELL:
        return Problem("too_long")
    text = _BLANKS.sub(" ", _INVISIBLE.sub("", raw)).translate(_AT_SIGNS).strip()
    display, text = _unwrapped(text)
    local, _, domain = text.partition("@")
    local, domain = local.strip(), domain.strip().rstrip(".")
    code = _fault_of_whole(text) or _fault_of_parts(local, domain)
    return Problem(code) if code else _validated(local, domain, display)


def _fault_of_whole(text: str) -> Code | None:
    if not text:
        return "empty"
    if "@" not in text:
        return "no_at"
    if text.count("@") > 1:
        return "several" if _SEVERAL.search(text) else "invalid"
    return "too_long" if len(text) > 320 else None


def _fault_of_parts(local: str, domain: str) -> Code | None:
    if not local.isascii():
        return "non_ascii_local"
    if len(local) > 64:
        return "too_long"
    if not local or '"' in local or re.search(r"[\s,;:<>()\[\]\\]", local):
        return "local"
    return "domain" if "." not in domain or domain.startswith("[") else None


def _unwrapped(text: str) -> tuple[str, str]:
    """The name before an address in angle brackets, and the address without what stands around it."""
    display = ""
    text, links = _MAILTO.subn("", text)
    if (
        (match := _NAMED.fullmatch(text))
        and "@" in match[2]
        and ("@" not in match[1] or match[1].strip(_AROUND) == match[2].strip(_AROUND))
    ):
        display, text = match[1].strip(_AROUND), match[2]
    text = (text.partition("?")[0] if links else text).strip(_AROUND)
    return ("" if "@" in display else display), text.rstrip(_AROUND + ".") if "@" in text else text


def _validated(local: str, domain: str, display: str) -> Address | Problem:
    try:
        valid = validate_email(
            f"{local}@{domain}",
            check_deliverability=False,
            allow_smtputf8=False,
            allow_quoted_local=False,
            test_environment=True,
        )
    except EmailNotValidError:
        return Problem("too_long" if len(local) + len(domain) > 253 else _part_at_fault(local))
    ascii_domain = (valid.ascii_domain or "").lower()
    if not ascii_domain or len(local) + len(ascii_domain) > 253:
        return Problem("too_long")
    return Address(local, ascii_domain, display)


def _part_at_fault(local: str) -> Code:
    return (
        "domain"
        if re.fullmatch(rf"{_ATEXT}+(?:\.{_ATEXT}+)*", local) and len(local) <= 64
        else "local"
    )
