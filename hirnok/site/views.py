"""The way in: which tenant, and its overview."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from hirnok.accounts.door import TenantRequest, member, memberships_of, signed_in
from hirnok.accounts.models import Role, User


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Go to the only tenant, or choose one."""
    user = request.user
    assert isinstance(user, User)
    memberships = memberships_of(user)
    if len(memberships) == 1:
        return redirect("site:overview", tenant=memberships[0].tenant.slug)
    return render(request, "site/home.html", {"memberships": memberships})


@member(Role.VIEWER)
def overview(request: TenantRequest) -> HttpResponse:
    """What happens in the tenant."""
    return render(request, "site/overview.html", {})


def health(request: HttpRequest) -> HttpResponse:
    """Whether this process reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
