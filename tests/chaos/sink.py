"""`python -m tests.chaos.sink`: the mail server at the other end, which misbehaves as it is told.

It is the sandbox's SMTP server with moods instead of rules. What it takes it appends to `accepted.log` before it says
250; what it refuses for good to `refused.log`; every SAMPLE-th message is kept as a file. Orders come as lines of JSON on
standard input: `{"mood": …, "chance": …, "seconds": …}`; each is answered by a line with the number of answers that may
have been lost with the connections that were cut so far: one for each, or where BDAT is taken (every second seed) as
many as messages may be on their way.
"""

import argparse
import asyncio
import json
import os
import random
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from hirnok.engine.smtp import DEPTH
from hirnok.sandbox.server import Address, Sandbox
from hirnok.sandbox.smtp import Options, Session, Site
from hirnok.sandbox.store import Store

LIMIT = 64 * 1024 * 1024
SAMPLE = 100
GARBAGE = ("HTTP/1.1 200 OK", "\x00\x01\x02", "25", "250_OK", "9" * 600, "")
# at which point of the dialogue each mood shows
POINTS = {
    "drop_data": ("data",),
    "drop_body": ("body",),
    "drop_end": ("end",),
    "drop_stored": ("stored",),
    "refuse_now": ("rcpt", "end"),
    "refuse": (),  # in `_keep`, where the message is known
    "slow": ("rcpt", "data", "stored"),
    "garbage": ("rcpt", "data", "stored"),
    "shut_down": ("rcpt", "end"),  # after storing it would be a lie: 421 says that it was not taken
}
_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Act:
    """What is done instead of the usual, as `rules.Rule` says it."""

    reply: str = ""
    drop: bool = False
    delay: float = 0.0


class Moods:
    """In the place of the sandbox's book of rules: one mood at a time, for a while, with a chance for each message."""

    def __init__(self, chosen: random.Random, folder: Path, each: int) -> None:
        self._random, self._folder, self._each = chosen, folder, each
        self._mood, self._chance, self._until = "", 0.0, 0.0
        self._refused = os.open(folder / "refused.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        log = folder / "accepted.log"
        lines = log.read_text().splitlines() if log.exists() else []
        self._accepted = {line.split("\t")[1] for line in lines}
        self.cuts = 0  # answers that may be lost by them

    def order(self, mood: str, chance: float, seconds: float) -> None:
        """Take on a mood."""
        self._mood, self._chance, self._until = mood, chance, time.monotonic() + seconds

    def act(self, recipients: list[str], at: str) -> Act | None:
        """Return what to do at this point."""
        if at not in POINTS.get(self._mood, ()) or not self._shows():
            return None
        if self._mood.startswith("drop"):
            self.cuts += self._each
            return Act(drop=True)
        if self._mood == "refuse_now":
            return Act(reply="451 4.7.1 Please come back later")
        if self._mood == "slow":
            return Act(delay=self._random.uniform(0.2, 2.0))
        self.cuts += self._each
        if self._mood == "shut_down":
            return Act(reply="421 4.3.2 Shutting down")
        return Act(reply=self._random.choice(GARBAGE))

    def refuses(self, name: str, recipients: list[str]) -> bool:
        """Whether to refuse this message for good; never one that has been taken before."""
        if self._mood != "refuse" or name in self._accepted or not self._shows():
            return False
        os.write(self._refused, f"{name}\t{recipients[0]}\n".encode())
        return True

    def took(self, name: str, message: bytes) -> None:
        """Remember a message; keep some as a whole."""
        self._accepted.add(name)
        if len(self._accepted) % SAMPLE == 0:
            half = self._folder / "samples" / f"{len(self._accepted)}.part"
            half.write_bytes(message)
            half.rename(half.with_suffix(".eml"))

    def _shows(self) -> bool:
        return time.monotonic() < self._until and self._random.random() < self._chance


class MoodySession(Session):
    """A connection to this server."""

    def _keep(self, sender: str, recipients: list[str], message: bytes) -> None:
        moods = self._site.book
        assert isinstance(moods, Moods)
        found = _MESSAGE_ID.search(message)
        name = found[1].decode() if found else ""
        if moods.refuses(name, recipients):
            self._say("550 5.7.1 Refused by policy")
            return
        moods.took(name, message)
        super()._keep(sender, recipients, message)


class MoodySandbox(Sandbox):
    """The server."""

    async def _listen(self, address: Address) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(
            lambda: MoodySession(self.site), address.host, address.smtp_port, backlog=1024
        )


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser("tests.chaos.sink")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    given = parser.parse_args()
    (given.folder / "samples").mkdir(parents=True, exist_ok=True)
    chunking = given.seed % 2 == 1  # BDAT and DATA take turns
    moods = Moods(random.Random(given.seed), given.folder, DEPTH if chunking else 1)
    options = Options(chunking=chunking)
    site = Site(Store(given.folder, LIMIT), moods, options)  # type: ignore[arg-type]
    with MoodySandbox(site, Address(given.host, given.port)):
        _say({"ready": True})
        for line in sys.stdin:
            order = json.loads(line)
            if order.get("mood"):
                moods.order(order["mood"], order["chance"], order["seconds"])
            _say({"cuts": moods.cuts})


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
