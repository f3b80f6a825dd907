"""Limits, rules for replies and routes: one page that shows them, and a form for each."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.mail.pacing import conditions, providers
from hirnok.outbox import pacing
from hirnok.outbox.models import Limit, ReplyRule, Route
from hirnok.outbox.pace_forms import LimitForm, RouteForm, RuleForm, initial_of


@member(Role.OWNER)
def pace(request: TenantRequest) -> HttpResponse:
    """Show what is set, and what comes with the program."""
    name_of = providers.shipped().name_of
    tenant = request.tenant
    limits = Limit.objects.of(tenant).select_related("relay").order_by("relay__name", "provider")
    context = {
        "limits": [(one, name_of(one.provider)) for one in limits],
        "rules": [
            (one, name_of(one.provider), round(100 * one.factor))
            for one in ReplyRule.objects.of(tenant).order_by("position", "pk")
        ],
        "shipped": [
            (rule, name_of(rule.provider), round(100 * rule.factor), round(rule.seconds / 60))
            for rule in conditions.shipped()
        ],
        "routes": [
            (one, name_of(one.to))
            for one in Route.objects.of(tenant)
            .select_related("relay", "brand")
            .order_by("position", "pk")
        ],
    }
    return render(request, "outbox/pace.html", context)


@member(Role.OWNER)
def limit_new(request: TenantRequest) -> HttpResponse:
    """Set a limit."""
    form = LimitForm(request.tenant, request.POST or None, initial={"provider": Limit.EACH})
    return _limit(request, form, None)


@member(Role.OWNER)
def limit(request: TenantRequest, limit_id: int) -> HttpResponse:
    """Change a limit."""
    found: Limit = get_object_or_404(Limit.objects.of(request.tenant), pk=limit_id)
    form = LimitForm(request.tenant, request.POST or None, initial=initial_of(found))
    return _limit(request, form, found)


@require_POST
@member(Role.OWNER)
def limit_remove(request: TenantRequest, limit_id: int) -> HttpResponse:
    """Limit it no more."""
    found: Limit = get_object_or_404(Limit.objects.of(request.tenant), pk=limit_id)
    pacing.remove_limit(found, actor=request.actor, at=clock.now())
    messages.success(request, _("The limit is removed."))
    return _back(request)


@member(Role.OWNER)
def rule_new(request: TenantRequest) -> HttpResponse:
    """Add a rule for replies."""
    form = RuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        said = pacing.Said(
            form.to() or "*",
            data["contains"],
            data["action"],
            data["percent"] / 100,
            data["minutes"],
        )
        pacing.add_rule(request.tenant, said, actor=request.actor, at=clock.now())
        messages.success(request, _("The rule is added."))
        return _back(request)
    return _form(request, form, _("New rule for replies"))


@require_POST
@member(Role.OWNER)
def rule_remove(request: TenantRequest, rule_id: int) -> HttpResponse:
    """Remove a rule."""
    found: ReplyRule = get_object_or_404(ReplyRule.objects.of(request.tenant), pk=rule_id)
    pacing.remove_rule(found, actor=request.actor, at=clock.now())
    messages.success(request, _("The rule is removed."))
    return _back(request)


@member(Role.OWNER)
def route_new(request: TenantRequest) -> HttpResponse:
    """Add a route."""
    form = RouteForm(request.tenant, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        pacing.add_route(
            data["relay"],
            position=data["position"],
            brand=data["brand"],
            to=form.to(),
            weight=data["weight"],
            actor=request.actor,
            at=clock.now(),
        )
        messages.success(request, _("The route is added."))
        return _back(request)
    return _form(request, form, _("New route"))


@require_POST
@member(Role.OWNER)
def route_remove(request: TenantRequest, route_id: int) -> HttpResponse:
    """Remove a route."""
    found: Route = get_object_or_404(Route.objects.of(request.tenant), pk=route_id)
    pacing.remove_route(found, actor=request.actor, at=clock.now())
    messages.success(request, _("The route is removed."))
    return _back(request)


def _limit(request: TenantRequest, form: LimitForm, found: Limit | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        at, relay = clock.now(), form.cleaned_data["relay"]
        if found is not None and (found.relay_id, found.provider) != (
            relay.pk if relay else None,
            form.to(),
        ):
            pacing.remove_limit(found, actor=request.actor, at=at)
        pacing.set_limit(
            request.tenant, relay, form.to(), form.allowed(), actor=request.actor, at=at
        )
        messages.success(request, _("The limit is set."))
        return _back(request)
    return _form(request, form, _("Limit") if found else _("New limit"))


def _form(
    request: TenantRequest, form: LimitForm | RuleForm | RouteForm, title: str
) -> HttpResponse:
    context = {"form": form, "title": title, "cancel_url": _url(request)}
    return render(request, "outbox/pace_form.html", context)


def _back(request: TenantRequest) -> HttpResponse:
    return redirect(_url(request))


def _url(request: TenantRequest) -> str:
    return reverse("outbox:pace", kwargs={"tenant": request.tenant.slug})
