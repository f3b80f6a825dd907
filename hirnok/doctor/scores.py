"""What a spam filter of the operator says of a message: rspamd over HTTP, SpamAssassin over spamd's protocol.

Asked only where one is configured (`HIRNOK_RSPAMD`, `HIRNOK_SPAMD`); both are the operator's own servers.
"""

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import urllib3

from hirnok.doctor.findings import Finding, failed, passed, untested, warning
from hirnok.lib import env

SECONDS = 15.0
MOST_BYTES = 1_000_000


class NoAnswer(Exception):
    """The filter could not be asked, or its answer could not be understood."""


@dataclass(frozen=True)
class Score:
    """`points` of `limit`, and the rules that weighed most."""

    points: float
    limit: float
    rules: tuple[str, ...]


def examine(data: bytes) -> Iterator[Finding]:
    """Ask the filters that are configured."""
    for name, where, ask in (
        ("rspamd", env.get("HIRNOK_RSPAMD"), rspamd),
        ("SpamAssassin", env.get("HIRNOK_SPAMD"), spamd),
    ):
        if not where:
            continue
        try:
            score = ask(where, data)
        except NoAnswer as error:
            yield untested("spam", "spam_no_answer", filter=name, said=str(error))
            continue
        details = {
            "filter": name,
            "points": f"{score.points:.1f}",
            "limit": f"{score.limit:.1f}",
            "rules": ", ".join(score.rules[:5]),
        }
        if score.points >= score.limit:
            yield failed("spam", "spam_too_much", **details)
        elif score.points >= score.limit / 2:
            yield warning("spam", "spam_near", **details)
        else:
            yield passed("spam", "spam_little", **details)


def rspamd(url: str, data: bytes) -> Score:
    """Ask rspamd's /checkv2; NoAnswer."""
    try:
        response = urllib3.request(
            "POST", url.rstrip("/") + "/checkv2", body=data, timeout=SECONDS, retries=False
        )
        said: dict[str, Any] = json.loads(response.data)
        symbols = said.get("symbols", {}).values()
        worst = sorted(symbols, key=lambda one: -float(one.get("score", 0)))
        rules = tuple(str(one["name"]) for one in worst if float(one.get("score", 0)) > 0)
        return Score(float(said["score"]), float(said["required_score"]), rules)
    except (
        urllib3.exceptions.HTTPError,
        OSError,
        ValueError,
        KeyError,
        AttributeError,
        TypeError,
    ) as error:
        raise NoAnswer(type(error).__name__) from error


def spamd(where: str, data: bytes) -> Score:
    """Ask SpamAssassin's spamd (`SYMBOLS` of protocol 1.5); NoAnswer."""
    host, _, port = where.rpartition(":")
    asked = f"SYMBOLS SPAMC/1.5\r\nContent-length: {len(data)}\r\n\r\n".encode() + data
    try:
        with socket.create_connection((host.strip("[]"), int(port)), SECONDS) as connection:
            connection.sendall(asked)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            answer = _read(connection).decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        raise NoAnswer(type(error).__name__) from error
    head, _, body = answer.partition("\r\n\r\n")
    found = re.search(r"^Spam:\s*\w+\s*;\s*(-?[\d.]+)\s*/\s*(-?[\d.]+)", head, re.MULTILINE)
    if found is None:
        raise NoAnswer(head.splitlines()[0] if head else "empty")
    rules = tuple(rule.strip() for rule in body.split(",") if rule.strip())
    return Score(float(found[1]), float(found[2]), rules)


def _read(connection: socket.socket) -> bytes:
    pieces = bytearray()
    while len(pieces) < MOST_BYTES and (piece := connection.recv(65536)):
        pieces += piece
    return bytes(pieces)
