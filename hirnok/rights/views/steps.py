"""One step on a request each: identify, do, decide, extend, ask for a fee, answer, pass on, close."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.rights import (
    answering,
    deciding,
    letters,
    performing,
    receiving,
    wording,
)
from hirnok.rights.forms import (
    DecideForm,
    DuplicateForm,
    FeeForm,
    IdentifyForm,
    PartyForm,
    ReasonsForm,
    RefuseForm,
    SettleForm,
)
from hirnok.rights.models import Outcome, Request, Task
from hirnok.ui.confirmation import Confirmation, ConfirmForm


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def identify(request: TenantRequest, pk: int) -> HttpResponse:
    """Record how the person was identified."""
    found = _find(request, pk)

    def act(given: dict[str, Any]) -> None:
        receiving.identify(
            found, given["how"], actor=request.actor, at=clock.now(), reason=given["reason"]
        )

    form = IdentifyForm(_data(request))
    return _step(request, found, form, _("Identify the person"), act)


@require_POST
@member(Role.PRIVACY_OFFICER)
def ask_identity(request: TenantRequest, pk: int) -> HttpResponse:
    """Ask the person to prove who it is, by a letter; the clock stands until then."""
    found = _find(request, pk)
    at = clock.now()

    def act() -> None:
        receiving.pause_for_identity(found, actor=request.actor, at=at)
        letters.send(found, "identity", actor=request.actor, at=at)

    return _do(request, found, act)


@require_POST
@member(Role.PRIVACY_OFFICER)
def perform(request: TenantRequest, pk: int, task: int) -> HttpResponse:
    """Do what a right asks for, in all modules."""
    found, one = _task(request, pk, task)
    return _do(request, found, lambda: performing.perform(one, actor=request.actor, at=clock.now()))


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def decide(request: TenantRequest, pk: int, task: int) -> HttpResponse:
    """Grant a right, in full or in part."""
    found, one = _task(request, pk, task)

    def act(given: dict[str, Any]) -> None:
        deciding.grant(
            one,
            actor=request.actor,
            at=clock.now(),
            partly=given["partly"],
            reasons=given["reasons"],
        )

    form = DecideForm(_data(request))
    title = _("Grant: %(right)s") % {"right": wording.right(one.right)}
    return _step(request, found, form, title, act)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def refuse(request: TenantRequest, pk: int, task: int) -> HttpResponse:
    """Refuse a right, on one of the law's grounds."""
    found, one = _task(request, pk, task)

    def act(given: dict[str, Any]) -> None:
        deciding.refuse(one, given["ground"], given["reasons"], actor=request.actor, at=clock.now())

    form = RefuseForm(one, _data(request))
    title = _("Refuse: %(right)s") % {"right": wording.right(one.right)}
    return _step(request, found, form, title, act)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def settle(request: TenantRequest, pk: int, outcome: int) -> HttpResponse:
    """Say what was done by hand where a module could not."""
    found = _find(request, pk)
    one = get_object_or_404(
        Outcome.objects.of(request.tenant).select_related("task__request__tenant"),
        pk=outcome,
        task__request=found,
        kind__in=performing.UNSETTLED,
    )

    def act(given: dict[str, Any]) -> None:
        performing.settle(
            one, given["kind"], actor=request.actor, at=clock.now(), reason=given["reason"]
        )

    title = _("By hand: %(module)s") % {"module": wording.module(one.module)}
    return _step(request, found, SettleForm(_data(request)), title, act)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def extend(request: TenantRequest, pk: int) -> HttpResponse:
    """Extend the time, within the first month, and tell the person."""
    found = _find(request, pk)

    def act(given: dict[str, Any]) -> None:
        deciding.extend(found, given["reasons"], actor=request.actor, at=clock.now())

    return _step(request, found, ReasonsForm(_data(request)), _("Extend the time"), act)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def fee(request: TenantRequest, pk: int) -> HttpResponse:
    """Ask for a fee, and tell the person."""
    found = _find(request, pk)

    def act(given: dict[str, Any]) -> None:
        deciding.ask_fee(
            found,
            given["amount"],
            given["currency"],
            given["ground"],
            actor=request.actor,
            at=clock.now(),
        )

    return _step(request, found, FeeForm(_data(request)), _("Ask for a fee"), act)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def answer(request: TenantRequest, pk: int) -> HttpResponse:
    """Show the letter as it would go, and send it."""
    found = _find(request, pk)
    at = clock.now()
    if request.method == "POST":
        return _do(
            request,
            found,
            lambda: answering.answer(found, actor=request.actor, at=at),
            done=_("The request is answered."),
        )
    try:
        told = letters.compose(found, "answer", at=at)
    except letters.NoLetters:
        messages.error(request, _facts()[letters.NoLetters])
        return redirect(_url(request, found))
    context = {"found": found, "document": told, "back": _url(request, found)}
    return render(request, "rights/answer.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def pass_on(request: TenantRequest, pk: int) -> HttpResponse:
    """Hand a request that reached the wrong party to the right one, in writing (N34)."""
    found = _find(request, pk)
    form = PartyForm(_data(request))

    def act(_given: dict[str, Any]) -> None:
        answering.pass_on(found, form.party(), actor=request.actor, at=clock.now())

    return _step(request, found, form, _("Pass on to the right party"), act)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def duplicate(request: TenantRequest, pk: int) -> HttpResponse:
    """Close a request that says the same as another one."""
    found = _find(request, pk)
    form = DuplicateForm(_data(request))

    def act(given: dict[str, Any]) -> None:
        other = (
            Request.objects.of(request.tenant)
            .filter(reference=given["reference"].strip().upper())
            .select_related("holding")
            .first()
        )
        if other is None:
            raise answering.NotItself
        answering.mark_duplicate(found, other, actor=request.actor, at=clock.now())

    return _step(request, found, form, _("Close as a duplicate"), act)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def withdraw(request: TenantRequest, pk: int) -> HttpResponse:
    """Close a request that the person has taken back."""
    found = _find(request, pk)
    question = Confirmation(
        title=_("The person has taken the request back"),
        action=_("Close it"),
        undo=False,
        cancel_url=_url(request, found),
    )
    form = ConfirmForm(_data(request))
    if request.method == "POST" and form.is_valid():
        return _do(
            request,
            found,
            lambda: answering.withdraw(found, actor=request.actor, at=clock.now()),
        )
    return render(request, "ui/confirm.html", {"confirmation": question, "form": form})


def _facts() -> dict[type[Exception], str]:
    """Why a step is not taken, in words."""
    return {
        receiving.NotOpen: _("The request has ended already."),
        receiving.AlreadyIdentified: _("The person has been identified already."),
        performing.NotIdentified: _("First record how the person was identified."),
        performing.NotSettled: _("Not every module has answered: %(which)s."),
        deciding.TooLate: _("An extension has to be told within the first month."),
        deciding.AlreadyExtended: _("The time has been extended already."),
        deciding.NoReasons: _("The law wants reasons to be given."),
        deciding.NoFee: _("The law has no fee for this."),
        answering.Undecided: _("Decide on every right first."),
        answering.NotItself: _("There is no other request of this person with that reference."),
        answering.NoParty: _("Say to whom the request is passed on."),
        letters.NoLetters: _("Name and address have been deleted: their period is over."),
    }


def _step(
    request: TenantRequest,
    found: Request,
    form: forms.Form,
    title: str,
    act: Callable[[dict[str, Any]], None],
) -> HttpResponse:
    """A page with a form whose answer is one step; a fact that stands against it is said on the request's page."""
    if request.method == "POST" and form.is_valid():
        return _do(request, found, lambda: act(form.cleaned_data))
    context = {"form": form, "title": title, "found": found, "cancel_url": _url(request, found)}
    return render(request, "rights/part.html", context)


def _do(
    request: TenantRequest, found: Request, act: Callable[[], object], *, done: str = ""
) -> HttpResponse:
    facts = _facts()
    try:
        act()
    except tuple(facts) as fact:
        which = ", ".join(wording.module(str(one)) for one in fact.args)
        messages.error(request, facts[type(fact)] % {"which": which})
    else:
        messages.success(request, done or _("Done."))
    return redirect(_url(request, found))


def _data(request: TenantRequest) -> Any:
    """What was sent; a form without a tick is sent, too."""
    return request.POST if request.method == "POST" else None


def _find(request: TenantRequest, pk: int) -> Request:
    rows = Request.objects.of(request.tenant).select_related("holding__person", "brand", "tenant")
    found: Request = get_object_or_404(rows, pk=pk)
    return found


def _task(request: TenantRequest, pk: int, number: int) -> tuple[Request, Task]:
    found = _find(request, pk)
    rows = Task.objects.of(request.tenant).select_related(
        "request__holding__person", "request__brand", "request__tenant"
    )
    return found, get_object_or_404(rows, pk=number, request=found)


def _url(request: TenantRequest, found: Request) -> str:
    return reverse("rights:request", kwargs={"tenant": request.tenant.slug, "pk": found.pk})
