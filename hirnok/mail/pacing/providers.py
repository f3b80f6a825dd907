"""Which mail provider a recipient's domain belongs to.

The table providers.json knows the large ones by their own domains and by the suffixes of their mail exchangers
(RFC 5321 §5: the MX records say who takes the mail, so a company's domain at Google is Google's). A domain that
is in neither is its own provider. Looking MX records up is the engine's.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

OTHER: Final = "other"  # in what is kept: every provider that is not in the table
USUAL: Final = 60  # messages a minute of a domain of its own, where slowing down begins


@dataclass(frozen=True, slots=True)
class Provider:
    """One row of the table. `usual_per_minute` is what slowing down starts from where no limit is set."""

    id: str
    name: str
    domains: frozenset[str]
    mx: tuple[str, ...]
    usual_per_minute: int


class Providers:
    """The table, ready to be asked."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Read the table; ValueError when a domain or a suffix stands there twice."""
        self._by_id: dict[str, Provider] = {}
        self._by_domain: dict[str, str] = {}
        self._by_mx: dict[str, str] = {}
        for row in rows:
            one = Provider(
                row["id"],
                row["name"],
                frozenset(row["domains"]),
                tuple(row["mx"]),
                row["usual_per_minute"],
            )
            self._by_id[one.id] = one
            for known, names in ((self._by_domain, one.domains), (self._by_mx, one.mx)):
                for name in names:
                    if known.setdefault(name, one.id) != one.id:
                        raise ValueError(f"{name} stands twice in the table of providers")

    def __iter__(self) -> Any:
        """Go through the rows in their order."""
        return iter(self._by_id.values())

    def by_domain(self, domain: str) -> str | None:
        """Return the provider of a (lower-case) domain that is its own, without asking anybody."""
        return self._by_domain.get(domain)

    def by_mail_servers(self, hosts: Iterable[str]) -> str | None:
        """Return the provider of the first mail exchanger that is known: its longest suffix decides."""
        for host in hosts:
            labels = host.lower().rstrip(".").split(".")
            for start in range(len(labels)):
                found = self._by_mx.get(".".join(labels[start:]))
                if found is not None:
                    return found
        return None

    def name_of(self, provider: str) -> str:
        """Return what a provider is called; a domain is called by itself."""
        known = self._by_id.get(provider)
        return known.name if known else provider

    def kept_as(self, provider: str) -> str:
        """Return what may be stored beside a delivery: never a domain, which may be one person's own."""
        return provider if provider in self._by_id else OTHER

    def usual_per_minute(self, provider: str) -> int:
        """Return the rate from which slowing down starts."""
        known = self._by_id.get(provider)
        return known.usual_per_minute if known else USUAL


@cache
def shipped() -> Providers:
    """Return the table that comes with the program."""
    text = resources.files(__package__).joinpath("providers.json").read_text("utf-8")
    return Providers(json.loads(text))
