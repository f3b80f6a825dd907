"""The one door: every page of a tenant passes `@member`, and is shown that tenant's rows only.

Visitors are sent to sign in, users without the second factor that a tenant asks for to set one up, strangers get
404, colleagues without the role 403. Members of some brands only get a tenant whose `.of(tenant)` is
narrowed to these. The view runs in one transaction in which the database knows the tenant (row-level security is the
second lock), and writes times as the tenant's clock shows them.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from hirnok.accounts import factors, reach, visiting
from hirnok.accounts.models import Membership, Role, User
from hirnok.lib import clock
from hirnok.register import looking
from hirnok.register.models import Look
from hirnok.tenants.acting import acting_for, set_tenant, set_user
from hirnok.tenants.models import Tenant

P = ParamSpec("P")


class TenantRequest(HttpRequest):
    """A request of a member: which tenant, who, with which role."""

    tenant: Tenant
    membership: Membership
    user: User
    actor: str  # as the audit log writes it: user:7
    tenants: list[Tenant]  # where the user may go; asked for when the frame shows it
    visits: list[
        Membership
    ]  # the operator's staff who are here for maintenance, asked for likewise


class Locked(Exception):
    """What the page is about is frozen: neither shown nor changed (HTTP 423; GDPR Art. 18)."""


View = Callable[Concatenate[TenantRequest, P], HttpResponse]
Guarded = Callable[..., HttpResponse]  # Django names the arguments: tenant="alma"


def member(role: Role, *, all_brands: bool = False) -> Callable[[View[P]], Guarded]:
    """Let in only members of the tenant in the address whose role includes `role`.

    `all_brands`: only those who work for all brands, for pages that change what the brands have in common.
    """

    def decorate(view: View[P]) -> Guarded:
        @wraps(view)
        def guarded(
            request: HttpRequest, tenant: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            user = request.user
            if not isinstance(user, User):
                return to_sign_in(request)
            if url := _before_all_else(request, user):
                return _lead(request, url)
            try:
                with transaction.atomic():
                    tenant_request = _enter(request, user, tenant)
                    if not Role(tenant_request.membership.role).includes(role):
                        raise PermissionDenied
                    if all_brands and tenant_request.tenant.only_brands is not None:
                        raise PermissionDenied
                    with timezone.override(tenant_request.tenant.time_zone):
                        return _watched(view, tenant_request, *args, **kwargs)
            except Locked:
                return _locked(request)

        guarded.required_role = role  # type: ignore[attr-defined]
        return guarded

    return decorate


def _watched(
    view: View[P], request: TenantRequest, *args: P.args, **kwargs: P.kwargs
) -> HttpResponse:
    """Answer, and note in the same transaction what was shown of persons: what cannot be noted is not shown."""
    match = request.resolver_match
    room = match.view_name if match else request.path[:100]
    with looking.watching(
        request.tenant, actor=request.actor, room=room, channel=Look.Channel.PAGE
    ) as watch:
        response = view(request, *args, **kwargs)
    if _is_file(response):
        watch.channel = Look.Channel.EXPORT
    if response.streaming:
        looking.write(watch, at=clock.now(), begun=True)
        pieces = cast("StreamingHttpResponse", response)
        pieces.streaming_content = _watched_pieces(pieces.streaming_content, watch)  # type: ignore[arg-type]
    elif not 300 <= response.status_code < 400:  # who is led elsewhere was shown nothing
        looking.write(watch, at=clock.now())
    return response


def _watched_pieces(pieces: Iterator[bytes], watch: looking.Watch) -> Iterator[bytes]:
    """Hand out a download; how many rows left is noted at its end, also when it is broken off."""
    try:
        with looking.resumed(watch):
            yield from pieces
    finally:
        if close := getattr(pieces, "close", None):
            close()
        with acting_for(watch.tenant):
            looking.write(watch, at=clock.now())


def _is_file(response: HttpResponse) -> bool:
    return response.streaming or response.get("Content-Disposition", "").startswith("attachment")


def _locked(request: HttpRequest) -> HttpResponse:
    context = {
        "status": 423,
        "heading": _("These data are restricted"),
        "hint": _(
            "At the wish of the person, or for a claim, they are stored and nothing else: they are not shown and not changed."
            " The privacy officer knows more."
        ),
    }
    return render(request, "ui/error.html", context, status=423)


def must_see_people(request: TenantRequest) -> None:
    """Refuse those who see figures only: viewers (a client, A8)."""
    if not Role(request.membership.role).sees_people:
        raise PermissionDenied


def signed_in(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Guarded:
    """Let in anybody who is signed in; the database shows the own memberships only."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return to_sign_in(request)
        if url := _before_all_else(request, user):
            return _lead(request, url)
        with transaction.atomic():
            set_user(user.pk)
            return view(request, *args, **kwargs)

    return guarded


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to signing in, and from there back to the page on which the person was.

    After a form was sent that is the page with the form: the browser has kept what was typed (front/keep.js).
    """
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    page = request.get_full_path()
    if request.method != "GET" or "HX-Request" in request.headers:
        parts = urlsplit(came_from)
        if parts.netloc == request.get_host():
            page = urlunsplit(("", "", parts.path, parts.query, ""))
    return _lead(request, redirect_to_login(page).url)


def _before_all_else(request: HttpRequest, user: User) -> str:
    """Where a user has to go first: to a password of the own, to a second factor; "" for nowhere."""
    if user.password_until:
        return reverse("account_change_password")
    return reverse("mfa_index") if lacks_factor(request, user) else ""


def lacks_factor(request: HttpRequest, user: User) -> bool:
    """Whether the user has to set up a second factor before anything else (policy of a tenant)."""
    if not request.session.get("needs_factor"):
        return False
    if factors.has_one(user):
        del request.session["needs_factor"]
        return False
    return True


def _lead(request: HttpRequest, url: str) -> HttpResponse:
    """Lead the browser there, also when htmx asked for a part of a page."""
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(url)
    return redirect(url)


def memberships_of(user: User) -> list[Membership]:
    """Return the user's memberships with their tenants, by name; the transaction must know the user."""
    rows = Membership.objects.filter(_current(clock.now()), user=user)
    return list(rows.select_related("tenant").order_by("tenant__name"))


def _enter(request: HttpRequest, user: User, slug: str) -> TenantRequest:
    set_user(user.pk)
    at = clock.now()
    rows = Membership.objects.filter(_current(at), user=user, tenant__slug=slug)
    membership = rows.select_related("tenant").first()
    if membership is None:
        raise Http404
    set_tenant(membership.tenant.pk)
    membership.tenant.only_brands = reach.of(membership)
    tenant_request = cast("TenantRequest", request)
    tenant_request.tenant = membership.tenant
    tenant_request.membership = membership
    tenant_request.actor = f"user:{user.pk}"
    tenant_request.visits = cast(
        "list[Membership]", SimpleLazyObject(lambda: list(visiting.here(membership.tenant, at)))
    )
    tenant_request.tenants = cast(
        "list[Tenant]", SimpleLazyObject(lambda: [one.tenant for one in memberships_of(user)])
    )
    return tenant_request


def _current(at: datetime) -> Q:
    """A membership without an end, or one whose end is to come (maintenance)."""
    return Q(visit_until=None) | Q(visit_until__gt=at)
