"""Ending a request: answered, withdrawn, a duplicate, passed on; with the letter that says so.

Promises: nothing is answered while a right is undecided or a module has not answered; whoever wrote by mail is
answered by mail, others get a letter to be printed; the letter's hash stays when the letter itself has gone.
"""

from datetime import datetime

from django.db import transaction

from hirnok.register import holdings
from hirnok.register.models import Holding
from hirnok.rights import letters, performing, receiving
from hirnok.rights.models import Correspondence, Document, Request, Task
from hirnok.tenants import audit

Status = Request.Status
Decision = Task.Decision


class Undecided(Exception):
    """A right has not been decided; which ones is in `args`."""


class NotItself(Exception):
    """A request is no duplicate of itself, nor of somebody else's."""


class NoParty(Exception):
    """It has to be said to whom the request is passed on."""


@transaction.atomic
def answer(request: Request, *, actor: str, at: datetime) -> Document:
    """Close a request and send its answer; Undecided, performing.NotSettled, receiving.NotOpen."""
    receiving.lock(request)
    tasks = list(Task.objects.filter(tenant_id=request.tenant_id, request=request).order_by("pk"))
    if open_ones := [one.right for one in tasks if one.decision == Decision.PENDING]:
        raise Undecided(*open_ones)
    for task in tasks:
        if task.decision != Decision.REFUSED and (waiting := performing.unsettled(task)):
            raise performing.NotSettled(*waiting)
    decisions = {one.decision for one in tasks}
    if decisions <= {Decision.GRANTED}:
        status = Status.ANSWERED
    else:
        status = Status.REFUSED if decisions == {Decision.REFUSED} else Status.PARTLY
    _close(request, status, actor, at)
    if request.copy_until is not None:  # counted from the day on which the person hears of it
        request.copy_until = at + performing.COPY_KEPT
        request.save(update_fields=["copy_until"])
    receiving.note(request, "answered", actor=actor, at=at, code=status)
    audit.record(
        request.tenant_id, "request.answer", actor=actor, at=at, about=request, status=str(status)
    )
    return letters.send(request, "answer", actor=actor, at=at)


@transaction.atomic
def withdraw(request: Request, *, actor: str, at: datetime) -> None:
    """The person takes the request back; receiving.NotOpen."""
    receiving.lock(request)
    _close(request, Status.WITHDRAWN, actor, at)
    receiving.note(request, "withdrawn", actor=actor, at=at)
    audit.record(request.tenant_id, "request.withdraw", actor=actor, at=at, about=request)


@transaction.atomic
def mark_duplicate(request: Request, of: Request, *, actor: str, at: datetime) -> None:
    """Close a request that says the same as another one of the same person; NotItself."""
    receiving.lock(request)
    if of.pk == request.pk or of.holding.person_id != request.holding.person_id:
        raise NotItself
    request.duplicate_of = of
    _close(request, Status.DUPLICATE, actor, at)
    receiving.note(request, "duplicate", actor=actor, at=at, code=of.reference)
    audit.record(request.tenant_id, "request.duplicate", actor=actor, at=at, about=request)


@transaction.atomic
def pass_on(
    request: Request, party: letters.Party, *, actor: str, at: datetime
) -> tuple[Document, Document]:
    """Hand a request that reached the wrong party to the right one at once, in writing, and tell the person (N34)."""
    receiving.lock(request)
    if not party.name.strip() or not (party.email or party.postal_address.strip()):
        raise NoParty
    Correspondence.objects.filter(tenant_id=request.tenant_id, request=request).update(
        passed_to="\n".join(filter(None, (party.name, party.postal_address, party.email)))
    )
    _close(request, Status.PASSED_ON, actor, at)
    receiving.note(request, "passed_on", actor=actor, at=at)
    audit.record(request.tenant_id, "request.pass_on", actor=actor, at=at, about=request)
    to_party = letters.send(request, "passing_on", actor=actor, at=at, party=party)
    to_person = letters.send(request, "passed_on", actor=actor, at=at, party=party)
    return to_party, to_person


@transaction.atomic
def mark_delivered(document: Document, how: str, *, actor: str, at: datetime) -> None:
    """Note that a printed letter went by post or was handed over."""
    document.delivery, document.delivered_at = how, at
    document.save(update_fields=["delivery", "delivered_at"])
    receiving.note(document.request, "delivered", actor=actor, at=at, code=how)
    audit.record(document.tenant_id, "request.deliver", actor=actor, at=at, about=document.request)


def _close(request: Request, status: str, actor: str, at: datetime) -> None:
    """End it, and let both periods count from now: what proves, and the letters."""
    request.status, request.closed_at, request.closed_by = status, at, actor
    request.save()
    for holding in holdings_of(request):
        holdings.renew(holding, at)


def holdings_of(request: Request) -> list[Holding]:
    """Return what a request and its letters hang from."""
    correspondence = receiving.letters_of(request)
    numbers = [request.holding_id, *([correspondence.holding_id] if correspondence else [])]
    rows = Holding.objects.filter(tenant_id=request.tenant_id, pk__in=numbers)
    return list(rows.select_related("activity"))
