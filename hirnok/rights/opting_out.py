"""Opting out of everything that is sent by this installation, by a signed letter (A7).

A scan is taken in, checked against a list (companies: letterhead, signature, stamp; individuals: signature) and
decided upon by the operator's staff. What is granted is a suppression under the installation's own key: it stands
for every tenant and brand, those of later days and addresses that are imported later among them, because launching,
importing, signing up and each window of sending ask for it by address.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from hirnok.mail.addresses import Address, normalise
from hirnok.register import holdings, suppression
from hirnok.register.models import LegalBasis
from hirnok.register.readymade import RIGHTS
from hirnok.rights import scans
from hirnok.rights.models import OptOut
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant

Who = OptOut.Who
Decision = OptOut.Decision
NEEDED: dict[str, tuple[str, ...]] = {
    Who.COMPANY: ("letterhead", "signature", "stamp"),
    Who.INDIVIDUAL: ("signature",),
}


class OnlyTheOperator(Exception):
    """An opt-out from everything is the operator's to take."""


class NoAddresses(Exception):
    """What was written names no e-mail address that could be sent to."""


class NotComplete(Exception):
    """The letter lacks what makes it valid; what, is in `args`."""


class AlreadyDecided(Exception):
    """It has been decided before."""


class NoReasons(Exception):
    """Whoever is refused is told why."""


@dataclass(frozen=True)
class Seen:
    """The check list: what the scan shows."""

    letterhead: bool = False
    signature: bool = False
    stamp: bool = False

    def lacks(self, who: str) -> list[str]:
        """Return what is missing for a company, or for an individual."""
        return [name for name in NEEDED[who] if not getattr(self, name)]


@dataclass(frozen=True)
class Letter:
    """What the letter says: whose it is, which addresses, when it came."""

    who: str
    name: str
    addresses: Iterable[str]
    received_on: date


@transaction.atomic
def take(operator: Tenant, letter: Letter, scan: bytes, *, actor: str, at: datetime) -> OptOut:
    """Take in a scan; OnlyTheOperator, NoAddresses, scans.NotAScan, holdings.NotInRegister."""
    if not operator.is_operator:
        raise OnlyTheOperator
    found = [normalise(one) for one in letter.addresses if one.strip()]
    normal = [one.text for one in found if isinstance(one, Address)]
    if not normal or len(normal) != len(found):
        raise NoAddresses
    kind = scans.kind_of(scan)
    holding = holdings.open_holding(
        operator,
        address=normal[0],
        activity=RIGHTS,
        legal_basis=LegalBasis.LEGAL_OBLIGATION,
        at=at,
    )
    made: OptOut = OptOut.objects.create(
        holding=holding,
        tenant=operator,
        who=letter.who,
        name=letter.name,
        addresses=sorted(set(normal)),
        received_on=letter.received_on,
        scan=scan,
        scan_type=kind,
        digest=scans.digest(scan),
        taken_by=actor,
    )
    audit.record(operator, "opt_out.take", actor=actor, at=at, about=made)
    return made


@transaction.atomic
def grant(opt_out: OptOut, seen: Seen, *, actor: str, at: datetime) -> int:
    """Grant it: nobody on this installation writes to these addresses any more. Return how many are new.

    NotComplete, AlreadyDecided.
    """
    _lock(opt_out)
    if missing := seen.lacks(opt_out.who):
        raise NotComplete(*missing)
    added = suppression.suppress_everywhere(opt_out.tenant, opt_out.addresses, actor=actor, at=at)
    _decide(opt_out, Decision.GRANTED, seen, "", actor, at)
    return added


@transaction.atomic
def refuse(opt_out: OptOut, seen: Seen, reasons: str, *, actor: str, at: datetime) -> None:
    """Refuse it, with reasons; NoReasons, AlreadyDecided."""
    _lock(opt_out)
    if not reasons.strip():
        raise NoReasons
    _decide(opt_out, Decision.REFUSED, seen, reasons, actor, at)


def _lock(opt_out: OptOut) -> None:
    opt_out.refresh_from_db(
        from_queryset=OptOut.objects.filter(tenant_id=opt_out.tenant_id).select_for_update()
    )
    if opt_out.decision != Decision.PENDING:
        raise AlreadyDecided


def _decide(
    opt_out: OptOut, decision: str, seen: Seen, reasons: str, actor: str, at: datetime
) -> None:
    opt_out.decision, opt_out.reasons = decision, reasons
    opt_out.letterhead, opt_out.signature, opt_out.stamp = (
        seen.letterhead,
        seen.signature,
        seen.stamp,
    )
    opt_out.decided_by, opt_out.decided_at = actor, at
    opt_out.save()
    holdings.renew(opt_out.holding, at)
    audit.record(
        opt_out.tenant_id,
        "opt_out.decide",
        actor=actor,
        at=at,
        about=opt_out,
        decision=str(decision),
    )
