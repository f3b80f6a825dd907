"""`python -m tests.chaos.count ACCEPTED_LOG`: counts what a mail server has taken, from its own file alone.

Knows nothing of Hirnok but that the number of a newsletter stands in its Message-ID. Prints one JSON object: for each
newsletter how often each recipient got it, and who got it under more than one Message-ID.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

_NEWSLETTER = re.compile(r"m(\d+)@")


def counted(log: Path) -> dict[str, dict[str, object]]:
    """Return by newsletter: `times` (recipient to number) and `torn` (recipients with several Message-IDs)."""
    times: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, dict[str, str]] = defaultdict(dict)
    torn: dict[str, set[str]] = defaultdict(set)
    for line in log.read_text("utf-8").splitlines():
        _, name, recipient, *_ = line.split("\t")
        number = newsletter(name)
        times[number][recipient] += 1
        if names[number].setdefault(recipient, name) != name:
            torn[number].add(recipient)
    return {number: {"times": times[number], "torn": sorted(torn[number])} for number in times}


def newsletter(message_id: str) -> str:
    """Return the number of the newsletter in a Message-ID; "" when there is none."""
    found = _NEWSLETTER.search(message_id)
    return found[1] if found else ""


if __name__ == "__main__":
    json.dump(counted(Path(sys.argv[1])), sys.stdout)
