"""The way in: which tenant, its overview, what runs, search; and whether the process answers."""

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from hirnok.accounts.door import TenantRequest, member, memberships_of, signed_in
from hirnok.accounts.models import Role, User
from hirnok.site import overviews


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Go to the only tenant, or choose one."""
    user = request.user
    assert isinstance(user, User)
    memberships = memberships_of(user)
    if len(memberships) == 1:
        return redirect("site:overview", tenant=memberships[0].tenant.slug)
    return render(request, "site/home.html", {"memberships": memberships})


@require_safe
@member(Role.VIEWER)
def overview(request: TenantRequest) -> HttpResponse:
    """What happens in the tenant, and what to do next."""
    tenant, role = request.tenant, Role(request.membership.role)
    may_write = role.includes(Role.MARKETER)
    context: dict[str, Any] = {
        "steps": overviews.first_steps(tenant, role),
        "counts": overviews.counts(tenant),
        "running": overviews.running(tenant, role),
        "sent": overviews.last_sent(tenant),
        "drafts": overviews.drafts(tenant) if may_write else [],
        "lists": overviews.lists(tenant),
        "may_write": may_write,
    }
    return render(request, "site/overview.html", context)


@require_safe
@member(Role.VIEWER)
def running(request: TenantRequest) -> HttpResponse:
    """What runs now, for the top bar: a fragment that htmx asks for again and again."""
    works = overviews.running(request.tenant, Role(request.membership.role))
    return render(request, "site/running.html", {"works": works})


@require_safe
@member(Role.VIEWER)
def search(request: TenantRequest) -> HttpResponse:
    """Campaigns, and for who may see them contacts, by their words."""
    words = request.GET.get("q", "").strip()
    sees_contacts = Role(request.membership.role).sees_people
    context = {
        "words": words,
        "sees_contacts": sees_contacts,
        "campaigns": overviews.campaigns_with(request.tenant, words) if words else [],
        "contacts": (
            overviews.contacts_with(request.tenant, words) if words and sees_contacts else []
        ),
    }
    return render(request, "site/search.html", context)


def health(request: HttpRequest) -> HttpResponse:
    """Whether this process reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
