"""Addresses under which mail comes back by itself: whose they are stands in them, signed.

`r-<token>@domain` is the return path of one delivery (VERP: reports of failure come there), `u-<token>@domain` ends the
subscription of whoever got that delivery (RFC 2369 §3.2). The tokens are `hirnok.lib.tokens` under keys of their own,
so a forged one is recognised without asking anybody. `WATCHED` are the names that people and other systems write to.
"""

import re
from dataclasses import dataclass
from typing import Final

from hirnok.lib import keys, tokens

RETURN: Final = "r-"
LEAVE: Final = "u-"
WATCHED: Final = frozenset({"postmaster", "abuse", "bounces", "complaints"})
_ROUTED: Final = re.compile(r"(?<![a-z0-9._+-])([ru]-)([0-9a-f]{36})@([a-z0-9.-]{1,253})", re.I)


@dataclass(frozen=True, slots=True)
class Route:
    """A verified address: its purpose (`RETURN` or `LEAVE`) and its delivery."""

    purpose: str
    delivery_id: int


def return_path(key: bytes, delivery_id: int, domain: str) -> str:
    """Return the envelope sender of a delivery. `key`: `return_key()`, which an engine derives once."""
    return f"{RETURN}{tokens.in_address(tokens.recipient(key, delivery_id))}@{domain}"


def return_key() -> bytes:
    """Return the key of return paths."""
    return keys.derive("return")


def read(address: str) -> Route:
    """Return what an address of ours says; BadToken when it is none or was not made here."""
    match = _ROUTED.fullmatch(address.strip().strip("<>"))
    if match is None:
        raise tokens.BadToken
    purpose = match[1].lower()
    key = return_key() if purpose == RETURN else keys.derive("leave")
    return Route(purpose, tokens.read_recipient(key, tokens.out_of_address(match[2])))


def within(text: str) -> Route | None:
    """Return the first verified address in a text, such as the header fields of a mail that was collected."""
    for match in _ROUTED.finditer(text[:200_000]):
        try:
            return read(match[0])
        except tokens.BadToken:
            continue
    return None
