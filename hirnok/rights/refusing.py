"""The only reasons for which a right may be refused, with their articles. Pure."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hirnok.rights.models import Right

ALL = frozenset(Right)
FURTHER_COPIES = "further_copies"  # Art. 15 (3): the one fee beside those of Art. 12 (5)


@dataclass(frozen=True)
class Ground:
    """A lawful reason to refuse: the article, in words, and which rights it may be said against."""

    article: str
    words: Promise
    rights: frozenset[Right]
    asks_for_fee: bool = False  # the law lets a fee be asked for instead


GROUNDS: dict[str, Ground] = {
    "not_identified": Ground(
        "GDPR 12 (2), 11 (2)",
        _("The person could not be identified, although further data were asked for."),
        ALL,
    ),
    "unfounded": Ground(
        "GDPR 12 (5)", _("The request is manifestly unfounded."), ALL, asks_for_fee=True
    ),
    "excessive": Ground(
        "GDPR 12 (5)",
        _("The request is manifestly excessive, in particular because it is repeated."),
        ALL,
        asks_for_fee=True,
    ),
    "others": Ground(
        "GDPR 15 (4), 20 (4)",
        _("It would harm the rights and freedoms of others."),
        frozenset({Right.ACCESS, Right.PORTABILITY}),
    ),
    "not_portable": Ground(
        "GDPR 20 (1), (3)",
        _("The data do not rest on consent or a contract, or were not given by the person."),
        frozenset({Right.PORTABILITY}),
    ),
    "accurate": Ground(
        "GDPR 16", _("The data are accurate and complete."), frozenset({Right.RECTIFICATION})
    ),
    "no_ground": Ground(
        "GDPR 17 (1)",
        _("None of the grounds for erasure applies: the data are needed and held lawfully."),
        frozenset({Right.ERASURE}),
    ),
    "expression": Ground(
        "GDPR 17 (3) a",
        _("The data are needed for the freedom of expression and information."),
        frozenset({Right.ERASURE}),
    ),
    "obligation": Ground(
        "GDPR 17 (3) b",
        _("A law obliges us to keep the data."),
        frozenset({Right.ERASURE, Right.OBJECTION}),
    ),
    "health": Ground(
        "GDPR 17 (3) c",
        _("The data are needed for reasons of public health."),
        frozenset({Right.ERASURE}),
    ),
    "archiving": Ground(
        "GDPR 17 (3) d",
        _("The data are needed for archiving in the public interest, research or statistics."),
        frozenset({Right.ERASURE}),
    ),
    "claims": Ground(
        "GDPR 17 (3) e, 21 (1)",
        _("The data are needed to establish, exercise or defend legal claims."),
        frozenset({Right.ERASURE, Right.OBJECTION}),
    ),
    "no_case": Ground(
        "GDPR 18 (1)",
        _("None of the four cases in which the use is restricted applies."),
        frozenset({Right.RESTRICTION}),
    ),
    "compelling": Ground(
        "GDPR 21 (1)",
        _("There are compelling legitimate grounds that override the person's interests."),
        frozenset({Right.OBJECTION}),
    ),
    "not_automated": Ground(
        "GDPR 22 (1)",
        _("No decision was made by a program alone."),
        frozenset({Right.REVIEW}),
    ),
}


class NoLawfulGround(Exception):
    """The law does not let this right be refused for this reason."""


def ground(code: str, right: str, *, is_marketing: bool = False) -> Ground:
    """Return the ground of a refusal; NoLawfulGround.

    An objection to direct marketing and the withdrawal of a consent are never refused but to somebody who is not
    the person (Art. 21 (3), 7 (3)).
    """
    found = GROUNDS.get(code)
    if found is None or Right(right) not in found.rights:
        raise NoLawfulGround(code)
    absolute = is_marketing or right == Right.WITHDRAWAL
    if absolute and code != "not_identified":
        raise NoLawfulGround(code)
    return found


def grounds_for(right: str, *, is_marketing: bool = False) -> list[tuple[str, Ground]]:
    """Return the grounds that may be said against a right, by code."""
    absolute = is_marketing or right == Right.WITHDRAWAL
    return [
        (code, one)
        for code, one in GROUNDS.items()
        if Right(right) in one.rights and (not absolute or code == "not_identified")
    ]
