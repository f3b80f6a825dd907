"""What the tracker learns from a request and keeps: a class and a country. The IP address is dropped here."""

import ipaddress

import iptocc


def country_of(address: str) -> str:
    """Return the ISO 3166 country of an IP address, "" where it is unknown or private."""
    try:
        return iptocc.country_code(address) or ""
    except ValueError:
        return ""


def client_address(peer: str, forwarded_for: str, proxies: int) -> str:
    """Return the client's address: the peer, or the entry that the outermost trusted proxy wrote.

    `proxies` is how many proxies of ours stand in front; what a client itself wrote into
    X-Forwarded-For stands further left and is never believed.
    """
    if proxies <= 0:
        return peer
    entries = [entry.strip() for entry in forwarded_for.split(",") if entry.strip()]
    if len(entries) < proxies:
        return peer
    candidate = entries[-proxies]
    try:
        ipaddress.ip_address(candidate)
    except ValueError:
        return peer
    return candidate
