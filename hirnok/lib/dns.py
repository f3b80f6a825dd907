"""Questions to the domain name system, through one resolver that tests replace with a local one.

`HIRNOK_RESOLVER` (address:port) names the server to ask; empty: those of the system. An answer "there is none" is
an empty list; no answer in time, or a server that fails, is `Unanswered`.
"""

from ipaddress import ip_address
from typing import Any

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
import dns.reversename

from hirnok.lib import env

PATIENCE = 5.0  # seconds for one question, with its repetitions


class Unanswered(Exception):
    """The question could not be answered now: a time-out, a failing server."""


class Resolver:
    """Asks and keeps the answers as long as they live. Safe for several threads."""

    def __init__(self, server: str = "", *, patience: float = PATIENCE) -> None:
        asked = server or env.get("HIRNOK_RESOLVER")
        self._resolver = dns.resolver.Resolver(configure=not asked)
        if asked:
            host, _, port = asked.rpartition(":")
            self._resolver.nameservers = [host.strip("[]")]
            self._resolver.port = int(port)
        self._resolver.lifetime = patience
        self._resolver.timeout = min(2.0, patience)
        self._resolver.cache = dns.resolver.LRUCache()
        self._resolver.search = []

    def texts(self, name: str) -> list[str]:
        """Return the TXT records of a name, each joined from its pieces."""
        return [
            b"".join(record.strings).decode("utf-8", "replace") for record in self._ask(name, "TXT")
        ]

    def mail_servers(self, name: str) -> list[tuple[int, str]]:
        """Return (preference, host) of the MX records, the preferred first; host "" is the null MX of RFC 7505."""
        return sorted(
            (int(record.preference), _plain(record.exchange)) for record in self._ask(name, "MX")
        )

    def numbers(self, name: str) -> list[str]:
        """Return the addresses of a name, IPv4 before IPv6."""
        return [record.address for kind in ("A", "AAAA") for record in self._ask(name, kind)]

    def names_of(self, number: str) -> list[str]:
        """Return the names that the reverse zone gives an address (PTR)."""
        reverse = dns.reversename.from_address(str(ip_address(number)))
        return [_plain(record.target) for record in self._ask(reverse, "PTR")]

    def _ask(self, name: str | dns.name.Name, kind: str) -> list[Any]:
        try:
            absolute = dns.name.from_text(name) if isinstance(name, str) else name
            return list(self._resolver.resolve(absolute, kind, search=False))
        except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
            return []
        except (dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel, UnicodeError):
            return []  # no such name can exist
        except dns.exception.DNSException as error:
            raise Unanswered(f"{name} {kind}") from error


def _plain(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if name.labels != (b"",) else ""
