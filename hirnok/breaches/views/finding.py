"""What the views of breaches have in common: finding one, and leading back to it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from hirnok.accounts.door import TenantRequest
from hirnok.breaches.models import Breach


def find(request: TenantRequest, pk: int) -> Breach:
    """Return a breach of the tenant, else 404."""
    found: Breach = get_object_or_404(Breach.objects.of(request.tenant), pk=pk)
    return found


def url_of(request: TenantRequest, breach: Breach) -> str:
    """Return the address of its page."""
    return reverse("breaches:breach", kwargs={"tenant": request.tenant.slug, "pk": breach.pk})


def back(request: TenantRequest, breach: Breach) -> HttpResponse:
    """Lead to its page."""
    return redirect(url_of(request, breach))
