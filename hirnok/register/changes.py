"""What changed between two snapshots of a register, computed from the facts and not from the wording.

For the worse (material): more activities, data, purposes, bases, recipients or countries, weaker guarantees, longer
periods. For the better (informative): their opposites. Everything else is editorial: other words for the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from hirnok.register import retention
from hirnok.register.models import NoticeVersion

Weight = Literal["material", "informative", "editorial"]
_RANK: tuple[Weight, ...] = ("editorial", "informative", "material")


@dataclass(frozen=True)
class Change:
    """One difference: `kind` in a word, `about` an activity or recipient, `what` was added or taken away."""

    kind: str
    about: str
    what: str
    weight: Weight

    def as_json(self) -> dict[str, str]:
        """Return it for storing."""
        return {"kind": self.kind, "about": self.about, "what": self.what, "weight": self.weight}


def difference(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Return what changed; [] when the two say the same in the same words."""
    found = list(_all(before, after))
    if not found and before != after:
        found.append(Change("wording", "", "", "editorial"))
    return found


def weight(found: list[Change]) -> NoticeVersion.Change:
    """Return how much a difference matters: its weightiest change."""
    heaviest = max((one.weight for one in found), key=_RANK.index, default="editorial")
    return NoticeVersion.Change(heaviest)


def _all(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    yield from _sets("activity", "", set(before["activities"]), set(after["activities"]))
    for code in sorted(set(before["activities"]) & set(after["activities"])):
        yield from _activity(code, before["activities"][code], after["activities"][code])
    yield from _sets("recipient", "", set(before["recipients"]), set(after["recipients"]))
    for name in sorted(set(before["recipients"]) & set(after["recipients"])):
        yield from _recipient(name, before["recipients"][name], after["recipients"][name])
    told = ("name", "postal_address", "email", "officer_name", "officer_email", "officer_phone")
    for column in told:
        if before["controller"].get(column) != after["controller"].get(column):
            yield Change("controller", column, str(after["controller"].get(column)), "informative")
    days = [one["controller"].get("answer_days", 0) for one in (before, after)]
    if days[0] != days[1]:
        yield Change(
            "answer_days", "", str(days[1]), "material" if days[1] > days[0] else "informative"
        )


def _activity(code: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for kind, told in (("data", _items), ("basis", _bases)):
        yield from _sets(kind, code, told(before), told(after))
    more = len(after["purposes"]) - len(before["purposes"])
    if more:
        yield Change(
            "purpose_added" if more > 0 else "purpose_removed",
            code,
            str(abs(more)),
            "material" if more > 0 else "informative",
        )
    for column in ("profiling", "automated_decisions"):
        if bool(before[column]) != bool(after[column]):
            heavier: Weight = "material" if after[column] else "informative"
            yield Change(column, code, "", heavier)
    old, new = _periods(before), _periods(after)
    for basis in sorted(old.keys() | new.keys()):
        one, other = old.get(basis, old[""]), new.get(basis, new[""])
        if one != other:
            longer = retention.longest(one[1], other[1]) == other[1] and one[1] != other[1]
            yield Change(
                "period",
                code,
                f"{other[0]} {other[1]}".strip(),
                "material" if longer else "informative",
            )


def _recipient(name: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    yield from _sets("country", name, set(before["countries"]), set(after["countries"]))
    yield from _sets("recipient_of", name, set(before["activities"]), set(after["activities"]))
    if before["guarantee"] != after["guarantee"]:
        yield Change("guarantee", name, after["guarantee"], "material")


def _sets(kind: str, about: str, before: set[str], after: set[str]) -> Iterator[Change]:
    yield from (Change(f"{kind}_added", about, one, "material") for one in sorted(after - before))
    yield from (
        Change(f"{kind}_removed", about, one, "informative") for one in sorted(before - after)
    )


def _items(activity: dict[str, Any]) -> set[str]:
    return {item["category"] for one in activity["purposes"] for item in one["items"]}


def _bases(activity: dict[str, Any]) -> set[str]:
    return {ground["basis"] for one in activity["purposes"] for ground in one["grounds"]}


def _periods(activity: dict[str, Any]) -> dict[str, tuple[str, str]]:
    main = (activity["retention_start"], activity["retention_period"])
    further = {one["basis"]: (one["start"], one["period"]) for one in activity["further_retention"]}
    return {"": main, **further}
