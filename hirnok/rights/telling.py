"""Telling those who got the data of rectification, erasure and restriction (GDPR Art. 19; X15)."""

from dataclasses import dataclass
from datetime import datetime

from hirnok.register.models import Disclosure
from hirnok.register.readymade import AUTHORITIES
from hirnok.rights import letters, outcomes, receiving
from hirnok.rights.letters import Party
from hirnok.rights.models import Request
from hirnok.rights.outcomes import Kind, Outcome
from hirnok.tenants.models import Brand, Tenant

ARTICLE = "19"


@dataclass(frozen=True)
class Recipient:
    """Who got data of the person; `address` is an e-mail address, or empty."""

    name: str
    address: str


def recipients(tenant: Tenant, index: bytes, brand: Brand | None) -> list[Recipient]:
    """Return who got data of a person, asked before they are gone; authorities in an inquiry are none (Art. 4 (9))."""
    held = outcomes.held_of(tenant, index, brand).exclude(activity__code=AUTHORITIES)
    rows = Disclosure.objects.of(tenant).filter(holding_id__in=held.values("pk"))
    found = rows.order_by("recipient").values_list("recipient", "address").distinct()
    return [Recipient(name, address) for name, address in found]


def tell(
    request: Request,
    right: str,
    told: list[Recipient],
    found: list[Outcome],
    *,
    actor: str,
    at: datetime,
) -> list[Outcome]:
    """Write to each; return the outcomes with one for each: told, or to be told by a person where there is no address."""
    answers = [one for one in found if not one.reason.startswith("tell: ")]
    if len(answers) == len(found) and not any(_did_something(one) for one in found):
        return found
    for one in told:
        if one.address:
            party = Party(one.name, email=one.address)
            letters.send(request, f"recipient_{right}", actor=actor, at=at, party=party)
            answers.append(_outcome(Kind.PASSED_ON, f"told: {one.name}"))
        else:
            answers.append(_outcome(Kind.NEEDS_HUMAN, f"tell: {one.name}"))
    receiving.note(request, "told_recipients", actor=actor, at=at)
    return answers


def _did_something(one: Outcome) -> bool:
    return one.kind in {Kind.REMOVED, Kind.ANONYMISED, Kind.RECTIFIED, Kind.RESTRICTED}


def _outcome(kind: Kind, reason: str) -> Outcome:
    return Outcome(outcomes.MODULE, kind, count=1, article=ARTICLE, reason=reason[:300])
