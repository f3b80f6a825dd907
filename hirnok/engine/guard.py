"""Which addresses a relay may have: resolved once, judged, and then connected to by number.

A tenant chooses the host of its relay, so without this rule the engine would be a way into the operator's own
network. `HIRNOK_PRIVATE_RELAYS` lifts it (the demo's sandbox is on loopback).
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from hirnok.lib import env

# IPv6 addresses whose last 32 bits are an IPv4 one: RFC 4291 §2.5.5.1, RFC 6052 §2.1 (NAT64), RFC 2765 §2.1.
_CARRYING = tuple(map(IPv6Network, ("::/96", "64:ff9b::/96", "::ffff:0:0:0/96")))
_LOCAL_TRANSLATION = IPv6Network("64:ff9b:1::/48")  # RFC 8215


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
    """Whether an address is one of the public internet; one that carries an IPv4 address is judged by that."""
    address = ip_address(number.partition("%")[0])
    if isinstance(address, IPv6Address):
        carried = address.ipv4_mapped or address.sixtofour
        if any(address in network for network in _CARRYING):
            carried = IPv4Address(int(address) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(str(carried))
    is_local = address in _LOCAL_TRANSLATION
    return address.is_global and not address.is_multicast and not is_local
