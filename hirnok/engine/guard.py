"""Which addresses a relay may have: resolved once, judged, and then connected to by number.

A tenant chooses the host of its relay, so without this rule the engine would be a way into the operator's own
network. `HIRNOK_PRIVATE_RELAYS` lifts it (the demo's sandbox is on loopback).
"""

import asyncio
import socket
from ipaddress import ip_address

from hirnok.lib import env


class PrivateAddress(Exception):
    """The relay's name leads to an address inside a private network."""


class UnknownHost(Exception):
    """The relay's name leads nowhere."""


async def addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host in the order to try; UnknownHost or PrivateAddress."""
    loop = asyncio.get_running_loop()
    return judged(host, await loop.run_in_executor(None, resolve, host, port))


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host; UnknownHost when there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnknownHost(host) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def judged(host: str, numbers: list[str]) -> list[str]:
    """Return the addresses if they may be connected to; one private one among them is enough to refuse all."""
    if not env.flag("HIRNOK_PRIVATE_RELAYS") and not all(is_public(number) for number in numbers):
        raise PrivateAddress(host)
    return numbers


def is_public(number: str) -> bool:
    """Whether an address is one of the public internet."""
    address = ip_address(number.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return is_public(str(mapped)) if mapped else address.is_global and not address.is_multicast
