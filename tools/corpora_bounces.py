"""Measures how well mail that comes back is sorted, on labelled sets that are not part of the project.

    python tools/corpora_bounces.py [FOLDER] [--half 0|1] [--wrong]

FOLDER (default: ../shared/corpora/bounces) may hold `sisimai` (mails and `labels.*.jsonl`) and
`flufl` (mails and `flufl_labels.json`). `--half` takes only the files whose name falls into one half, so that rules
can be written on one and measured on the other. Where the folder does not exist, that is said and nothing is measured.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hirnok.mail import sort

DEFAULT = Path(__file__).parents[2] / "shared" / "corpora" / "bounces"


@dataclass(frozen=True)
class Case:
    """A labelled mail: its kind (empty when unknown), recipients that are right, and 4 or 5 where that is one."""

    path: Path
    kind: str
    recipients: frozenset[str] | None
    digit: str


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--wrong", action="store_true", help="also name what is sorted wrongly")
    given = parser.parse_args()
    folder = given.folder
    if not folder.is_dir():
        print(f"no labelled mails in {folder}; nothing measured")
        return 0
    for name, cases in (
        ("sisimai", _sisimai(folder / "sisimai")),
        ("flufl", _flufl(folder / "flufl")),
    ):
        chosen = [case for case in cases if given.half is None or _half(case.path) == given.half]
        _measure(name, chosen, wrong=given.wrong)
    return 0


def _half(path: Path) -> int:
    return hashlib.md5(path.name.encode(), usedforsecurity=False).digest()[0] & 1


def _measure(name: str, cases: list[Case], *, wrong: bool) -> None:
    counts: dict[str, list[int]] = {}

    def note(what: str, case: Case, found: sort.Sorted, *, right: bool) -> None:
        pair = counts.setdefault(what, [0, 0])
        pair[0] += right
        pair[1] += 1
        if wrong and not right:
            first = found.verdicts[0] if found.verdicts else None
            print(
                f"  {what}: {case.path.name}: {found.kind} {found.recipients} {first and (first.permanence, first.status, first.code, first.reply[:90])}; right {case.kind} {sorted(case.recipients or ())} {case.digit}"
            )

    began = time.perf_counter()
    longest = 0.0
    for case in cases:
        at = time.perf_counter()
        found = sort.sort(case.path.read_bytes())
        longest = max(longest, time.perf_counter() - at)
        if case.kind == "bounce":
            note(
                "bounce detected with a recipient",
                case,
                found,
                right=found.kind == "bounce" and bool(found.recipients),
            )
            if case.recipients is not None:
                note(
                    "exact recipients",
                    case,
                    found,
                    right={one.lower() for one in found.recipients} == case.recipients,
                )
            if case.digit:
                permanence = found.verdicts[0].permanence if found.verdicts else None
                right = permanence == {"5": "permanent", "4": "transient"}.get(case.digit)
                note("permanent or transient", case, found, right=right)
                if case.digit == "4":
                    note("of these transient", case, found, right=right)
        elif case.kind:
            note(f"{case.kind} recognised", case, found, right=found.kind == case.kind)
            note("not taken for a bounce", case, found, right=found.kind != "bounce")
    spent = time.perf_counter() - began
    print(
        f"{name}: {len(cases)} mails, {spent / max(len(cases), 1) * 1e3:.1f} ms each, longest {longest * 1e3:.0f} ms"
    )
    for what, (right, all_) in counts.items():
        print(f"  {what:34} {right}/{all_} = {100 * right / all_:.1f} %")


def _sisimai(folder: Path) -> Iterator[Case]:
    kinds = {
        "feedback": "complaint",
        "vacation": "autoreply",
        "delivered": "delivered",
        "bounce": "bounce",
    }
    for labels in sorted(folder.glob("labels*.jsonl")):
        for row in map(json.loads, labels.read_text().splitlines()):
            path = folder / "maildir" / "bsd" / row["file"]
            if row["duplicate_of"] or not path.exists():
                continue
            digits = {one["status"][:1] for one in row["expected"] or []}
            known = row["reference_recipients"]
            yield Case(
                path, kinds.get(row["category"], ""), frozenset(one.lower().strip("<>") for one in known) if known else None,
                digits.pop() if len(digits) == 1 else "",
            )  # fmt: skip


def _flufl(folder: Path) -> Iterator[Case]:
    labels = folder / "flufl_labels.json"
    for name, rows in json.loads(labels.read_text()).items() if labels.exists() else ():
        known = frozenset(address.lower() for row in rows for address in row["addresses"])
        digits = {"4" if row["temporary"] else "5" for row in rows}
        yield Case(
            folder / name,
            "bounce" if known else "",
            known or None,
            digits.pop() if len(digits) == 1 and known else "",
        )


if __name__ == "__main__":
    sys.exit(main())
