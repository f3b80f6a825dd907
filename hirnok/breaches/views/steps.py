"""The steps between suspicion and closing, one form each."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.breaches import assessing, enisa, opening, reports, story
from hirnok.breaches.forms import (
    AuthorityDecisionForm,
    ConfirmBreachForm,
    FactsForm,
    LessonsForm,
    PersonsDecisionForm,
    ReasonForm,
    SeverityForm,
)
from hirnok.breaches.models import Breach
from hirnok.breaches.views.finding import back, find, url_of
from hirnok.lib import clock
from hirnok.register import categories
from hirnok.register.answers import name_of
from hirnok.register.models import Activity

CLOSED = gettext_lazy("The breach is closed. Take it up again first.")
WORDS = {None: "", True: "yes", False: "no"}
Do = Callable[[Any], object]


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_describe(request: TenantRequest, pk: int) -> HttpResponse:
    """Say what happened, to which data and whose; the register says how many are held."""
    found = find(request, pk)
    language = get_language() or "en"
    rows = list(Activity.objects.of(request.tenant).filter(active=True).order_by("pk"))
    held = reports.affected(request.tenant, found.activities or [one.code for one in rows])
    known = list(dict.fromkeys([*held.categories, *found.categories]))
    initial = {name: getattr(found, name) for name in assessing.FACTS}
    form = FactsForm(
        [(one.code, _activity(request, one, language)) for one in rows],
        sorted(((one, categories.words(one)) for one in known), key=lambda one: one[1]),
        request.POST or None,
        initial=initial,
        at=clock.now(),
    )
    return _step(
        request,
        found,
        form,
        _("What happened"),
        lambda told: assessing.describe(found, told, actor=request.actor, at=clock.now()),
        held=held if found.activities else None,
        looks=reports.looks(found, clock.now()),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_confirm(request: TenantRequest, pk: int) -> HttpResponse:
    """Confirm a suspicion: the clock runs."""
    found = find(request, pk)
    form = ConfirmBreachForm(
        request.POST or None, initial={"aware_at": found.aware_at or clock.now()}, at=clock.now()
    )
    return _step(
        request,
        found,
        form,
        _("Confirm the breach"),
        lambda told: opening.confirm(
            found, aware_at=told["aware_at"], actor=request.actor, at=clock.now()
        ),
        note=_(
            "The 72 hours begin when it is reasonably certain that there was a breach, not when it happened. Weekends and"
            " holidays count."
        ),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_dismiss(request: TenantRequest, pk: int) -> HttpResponse:
    """Say that it was no breach."""
    found = find(request, pk)
    return _step(
        request,
        found,
        ReasonForm(request.POST or None),
        _("It is no breach"),
        lambda told: opening.dismiss(
            found, reason=told["reason"], actor=request.actor, at=clock.now()
        ),
        note=_("The entry and the reason stay in the register."),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_reopen(request: TenantRequest, pk: int) -> HttpResponse:
    """Take up a closed one again."""
    found = find(request, pk)
    return _step(
        request,
        found,
        ReasonForm(request.POST or None),
        _("Take it up again"),
        lambda told: opening.reopen(
            found, reason=told["reason"], actor=request.actor, at=clock.now()
        ),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_severity(request: TenantRequest, pk: int) -> HttpResponse:
    """Assess the severity by ENISA's questions."""
    found = find(request, pk)
    initial = {
        **found.factors,
        "override": found.level_override,
        "override_reason": found.override_reason,
    }
    for group in enisa.CIRCUMSTANCES:
        initial.setdefault(group.code, group.factors[0].code)
    form = SeverityForm(request.POST or None, initial=initial)
    return _step(
        request,
        found,
        form,
        _("How severe is it?"),
        lambda told: assessing.assess(
            found,
            form.chosen(),
            override=told["override"],
            reason=told["override_reason"],
            actor=request.actor,
            at=clock.now(),
        ),
        note=_(
            "ENISA's method: the kind of data with the highest score, times how easily somebody can be identified, plus"
            " the circumstances. Below 2 low, below 3 medium, below 4 high, from 4 on very high."
        ),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_decide_authority(request: TenantRequest, pk: int) -> HttpResponse:
    """Decide whether the authority is notified."""
    found = find(request, pk)
    initial = {"notify": WORDS[found.notify_authority], "reason": found.authority_reason}
    return _step(
        request,
        found,
        AuthorityDecisionForm(request.POST or None, initial=initial),
        _("The authority"),
        lambda told: assessing.decide_authority(
            found,
            notify=told["notify"] == "yes",
            reason=told["reason"],
            actor=request.actor,
            at=clock.now(),
        ),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_decide_persons(request: TenantRequest, pk: int) -> HttpResponse:
    """Decide whether the persons concerned are told."""
    found = find(request, pk)
    initial = {
        "notify": WORDS[found.notify_persons],
        "exemption": found.exemption,
        "reason": found.persons_reason,
    }
    return _step(
        request,
        found,
        PersonsDecisionForm(request.POST or None, initial=initial),
        _("The persons concerned"),
        lambda told: assessing.decide_persons(
            found,
            notify=told["notify"] == "yes",
            exemption=told["exemption"],
            reason=told["reason"],
            actor=request.actor,
            at=clock.now(),
        ),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_late(request: TenantRequest, pk: int) -> HttpResponse:
    """Say why it is late."""
    found = find(request, pk)
    return _step(
        request,
        found,
        ReasonForm(request.POST or None, initial={"reason": found.late_reason}),
        _("Why is the authority notified later than 72 hours?"),
        lambda told: assessing.explain_delay(
            found, reason=told["reason"], actor=request.actor, at=clock.now()
        ),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_lessons(request: TenantRequest, pk: int) -> HttpResponse:
    """Write down what is to be learnt."""
    found = find(request, pk)
    return _step(
        request,
        found,
        LessonsForm(request.POST or None, initial={"lessons": found.lessons}),
        _("Lessons"),
        lambda told: assessing.learn(
            found, lessons=told["lessons"], actor=request.actor, at=clock.now()
        ),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_close(request: TenantRequest, pk: int) -> HttpResponse:
    """End it."""
    found = find(request, pk)
    return _step(
        request,
        found,
        forms.Form(request.POST if request.method == "POST" else None),
        _("Close the breach"),
        lambda told: assessing.close(found, actor=request.actor, at=clock.now()),
        note=_("It stays in the register, and can be taken up again if more becomes known."),
        submit_label=_("Close"),
    )


def _step(
    request: TenantRequest, found: Breach, form: forms.Form, title: str, do: Do, **shown: Any
) -> HttpResponse:
    """Show a form; once it is right do what it says and lead back. What cannot be done is said on the form.

    `shown`: what the page has beside it, `note`, `submit_label`, `held`.
    """
    if request.method == "POST" and form.is_valid():
        problem = _problem(do, form.cleaned_data)
        if not problem:
            messages.success(request, _("It is written down."))
            return back(request, found)
        form.add_error(None, str(problem))
    context = {"form": form, "breach": found, "title": title, "cancel_url": url_of(request, found)}
    return render(request, "breaches/step.html", context | shown)


def _problem(do: Do, told: dict[str, Any]) -> str | Promise:
    try:
        do(told)
    except story.NotOpen:
        return CLOSED
    except assessing.NoExemption:
        return _(
            "At a high risk, persons are kept from knowing only under one of the exemptions of Art. 34 (3)."
        )
    except assessing.NotDecided as error:
        return " ".join(str(reports.MISSING[code]) for code in error.missing)
    except opening.NoReason:
        return _("A reason is needed.")
    except opening.InTheFuture:
        return _("This is in the future.")
    return ""


def _activity(request: TenantRequest, one: Activity, language: str) -> str:
    held = reports.affected(request.tenant, [one.code])
    return _("%(activity)s (persons held: %(persons)s)") % {
        "activity": name_of(one, language),
        "persons": held.persons,
    }
