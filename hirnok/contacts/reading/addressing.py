"""Addresses, until `hirnok.mail.addresses` is there."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[^\s@<>,;\"]+@([A-Za-z0-9\-]+\.)+[A-Za-z0-9\-]{2,}")


class InvalidAddress(ValueError):
    """Not an address; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def normalise(raw: str) -> str:
    text = raw.strip().strip("<>;,'\" ").removeprefix("mailto:")
    if len(text) > 254:
        raise InvalidAddress("too_long")
    if not _ADDRESS.fullmatch(text):
        raise InvalidAddress("syntax")
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"
