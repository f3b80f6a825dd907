"""Data handed to authorities on their lawful orders (A5, C13)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.register import holdings
from hirnok.rights import disclosing
from hirnok.rights.forms import OrderForm
from hirnok.rights.models import Order
from hirnok.ui.paging import keyset


@require_GET
@member(Role.PRIVACY_OFFICER)
def orders(request: TenantRequest) -> HttpResponse:
    """List what was handed out, the newest first."""
    rows = Order.objects.of(request.tenant).defer("document")
    page = keyset(rows, key=("-handed_out_at", "-pk"), after=request.GET.get("page"), size=50)
    back = reverse("rights:requests", kwargs={"tenant": request.tenant.slug})
    return render(request, "rights/orders.html", {"page": page, "back": back})


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def order_new(request: TenantRequest) -> HttpResponse:
    """Record that data were handed to an authority."""
    form = OrderForm(request.POST or None, request.FILES or None)
    back = reverse("rights:orders", kwargs={"tenant": request.tenant.slug})
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        document, address = given.pop("document"), given.pop("email")
        try:
            disclosing.record(
                request.tenant,
                disclosing.Ordered(address=address, **given),
                document,
                actor=request.actor,
                at=clock.now(),
            )
        except holdings.NotInRegister:
            form.add_error(
                None, _("The register has struck the activity “Data handed to authorities”.")
            )
        else:
            messages.success(request, _("It is recorded."))
            return redirect(back)
    context = {"form": form, "title": _("Data handed to an authority"), "cancel_url": back}
    return render(request, "rights/part.html", context)


@require_POST
@member(Role.PRIVACY_OFFICER)
def order_reveal(request: TenantRequest, pk: int) -> HttpResponse:
    """Let the person know from now on: the law forbids it no more."""
    rows = Order.objects.of(request.tenant).select_related("holding", "tenant")
    found = get_object_or_404(rows, pk=pk)
    try:
        disclosing.reveal(found, actor=request.actor, at=clock.now())
    except disclosing.NotSecret:
        messages.info(request, _("The person may know of it already."))
    else:
        messages.success(request, _("From now on the person finds it in a copy of the own data."))
    return redirect("rights:orders", tenant=request.tenant.slug)


@require_GET
@member(Role.PRIVACY_OFFICER)
def order_document(request: TenantRequest, pk: int) -> HttpResponse:
    """Show the order."""
    found = get_object_or_404(Order.objects.of(request.tenant), pk=pk)
    response = HttpResponse(bytes(found.document), content_type=found.document_type)
    ending = found.document_type.rpartition("/")[2]
    response["Content-Disposition"] = f'inline; filename="order-{found.pk}.{ending}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
