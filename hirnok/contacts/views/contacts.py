"""Pages of contacts: the list, one contact, why it is held, adding, editing, erasing."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hirnok.accounts.door import Locked, TenantRequest, member, must_see_people
from hirnok.accounts.models import Role
from hirnok.contacts import editing, finding, lists
from hirnok.contacts.forms import AddForm, ContactForm, EraseForm, initial_of
from hirnok.contacts.history import history_of
from hirnok.contacts.models import Contact, Evidence, Field, Subscription, Tag
from hirnok.lib import clock
from hirnok.register.answers import why_held
from hirnok.register.holdings import NotInRegister
from hirnok.tenants.models import Brand
from hirnok.ui.confirmation import Confirmation
from hirnok.ui.paging import keyset, sort_key


@require_GET
@member(Role.VIEWER)
def contacts(request: TenantRequest) -> HttpResponse:
    """Everybody who is held for a newsletter; search, filters, order, export."""
    must_see_people(request)
    narrowing = finding.Narrowing.of_query(request.GET)
    page = keyset(
        finding.find(request.tenant, narrowing).select_related("brand"),
        key=sort_key(request.GET.get("sort"), finding.ORDERS),
        after=request.GET.get("page"),
    )
    on_lists = finding.lists_by_contact(request.tenant, page.rows)
    tagged = finding.tags_by_contact(request.tenant, page.rows)
    context = {
        "page": page,
        "shown": [(one, on_lists.get(one.pk, []), tagged.get(one.pk, [])) for one in page.rows],
        "lists": lists.active_lists(request.tenant),
        "tags": Tag.objects.of(request.tenant).order_by("name"),
        "languages": finding.languages(request.tenant),
        "narrowing": narrowing,
        "may_edit": _may_edit(request),
    }
    return render(request, "contacts/contacts.html", context)


@require_GET
@member(Role.VIEWER)
def contact(request: TenantRequest, pk: int) -> HttpResponse:
    """What is held of one contact, and since when."""
    must_see_people(request)
    found = _contact(request, pk)
    context = {
        "contact": found,
        "custom": [
            (field, found.fields.get(field.key))
            for field in Field.objects.of(request.tenant).order_by("position", "pk")
        ],
        "subscriptions": Subscription.objects.of(request.tenant)
        .filter(contact_id=pk)
        .select_related("list")
        .order_by("list__name"),
        "tags": finding.tags_by_contact(request.tenant, [found]).get(pk, []),
        "history": history_of(found),
    }
    return render(request, "contacts/contact.html", context | _head(request))


@require_GET
@member(Role.VIEWER)
def why_contact(request: TenantRequest, pk: int) -> HttpResponse:
    """Why this person's data are held: purpose, basis, source, since and until when."""
    must_see_people(request)
    found = _contact(request, pk)
    context = {
        "contact": found,
        "answers": why_held(request.tenant, found.person_id, get_language() or "en"),
        "evidence": Evidence.objects.of(request.tenant)
        .filter(contact_id=pk)
        .order_by("recorded_at"),
    }
    return render(request, "contacts/why_contact.html", context | _head(request))


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def add_contact(request: TenantRequest) -> HttpResponse:
    """Add somebody by hand, with the declaration of how the address came to be known."""
    given = request.POST or None
    form = AddForm(request.tenant, given, initial={"lists": request.GET.getlist("list")})
    if request.method == "POST" and form.is_valid():
        try:
            made = _add(request, form)
        except editing.AlreadyThere as fact:
            messages.info(request, _("This contact is already here. You can change it below."))
            return _to(request, "edit_contact", fact.contact.pk)
        except editing.IsSuppressed:
            form.add_error("email", _("This person left or asked not to be written to."))
        except NotInRegister:
            form.add_error(None, _("The register has no active activity for newsletters."))
        else:
            messages.success(request, _("The contact was added."))
            return _to(request, "contact", made.pk)
    has_lists = bool(lists.active_lists(request.tenant))
    return render(request, "contacts/add_contact.html", {"form": form, "has_lists": has_lists})


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def edit_contact(request: TenantRequest, pk: int) -> HttpResponse:
    """Change what is held of a contact."""
    found = _contact(request, pk)
    on = Subscription.objects.of(request.tenant).filter(contact_id=pk)
    initial = initial_of(
        found,
        list(on.values_list("list_id", flat=True)),
        finding.tags_by_contact(request.tenant, [found]).get(pk, []),
    )
    brand = Brand.objects.of(request.tenant).get(pk=found.brand_id)
    form = ContactForm(request.tenant, brand, request.POST or None, initial=initial, contact=found)
    if request.method == "POST" and form.is_valid():
        try:
            editing.change(found, form.values(), actor=request.actor, at=clock.now())
        except editing.IsRestricted:
            form.add_error(None, _("The data of this person are restricted and cannot be changed."))
        except editing.IsSuppressed:
            form.add_error("lists", _("This person left one of these lists."))
        else:
            messages.success(request, _("Saved."))
            return _to(request, "contact", pk)
    return render(request, "contacts/edit_contact.html", {"contact": found, "form": form})


@require_http_methods(["GET", "POST"])
@member(Role.VIEWER)
def erase_contact(request: TenantRequest, pk: int) -> HttpResponse:
    """Delete all that is held of a contact; for marketers and the privacy officer."""
    must_see_people(request)
    found = _contact(request, pk)
    back = reverse("contacts:contact", args=[request.tenant.slug, pk])
    question = Confirmation(
        title=_("Erase %(address)s") % {"address": found.email},
        action=_("Erase"),
        undo=False,
        danger=True,
        cancel_url=back,
    )
    form = EraseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        suppress = form.cleaned_data["suppress"]
        if not editing.erase(found, suppress=suppress, actor=request.actor, at=clock.now()):
            messages.error(
                request,
                _(
                    "A legal hold stands against erasing. The data are restricted until it is lifted."
                ),
            )
        else:
            messages.success(request, _("The contact was erased."))
        return redirect("contacts:contacts", tenant=request.tenant.slug)
    context = {"confirmation": question, "form": form, "contact": found}
    return render(request, "contacts/erase_contact.html", context)


def _add(request: TenantRequest, form: AddForm) -> Contact:
    brand = Brand.objects.of(request.tenant).get(pk=form.cleaned_data["lists"][0].brand_id)
    return editing.add(
        request.tenant,
        brand,
        form.cleaned_data["email"],
        form.values(),
        form.declared(),
        actor=request.actor,
        at=clock.now(),
    )


def _contact(request: TenantRequest, pk: int) -> Contact:
    rows = Contact.objects.of(request.tenant).select_related("holding", "brand")
    found: Contact = get_object_or_404(rows, pk=pk)
    if found.holding.restricted_at is not None:
        raise Locked
    return found


def _head(request: TenantRequest) -> dict[str, Any]:
    return {
        "may_edit": _may_edit(request),
        "may_erase": Role(request.membership.role).sees_people,
        "may_hold": Role(request.membership.role).includes(Role.PRIVACY_OFFICER),
    }


def _may_edit(request: TenantRequest) -> bool:
    return Role(request.membership.role).includes(Role.MARKETER)


def _to(request: TenantRequest, name: str, pk: int) -> HttpResponse:
    return redirect(f"contacts:{name}", tenant=request.tenant.slug, pk=pk)
