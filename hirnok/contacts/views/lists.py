"""Pages of lists, custom fields and tags."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.contacts import finding
from hirnok.contacts import lists as verbs
from hirnok.contacts.forms import FieldForm, ListForm, TagForm
from hirnok.contacts.models import Contact, Field, List, Tag
from hirnok.contacts.wording import TYPES
from hirnok.lib import clock
from hirnok.tenants.models import Brand
from hirnok.ui.confirmation import Confirmation, ConfirmForm
from hirnok.ui.words import number


@require_GET
@member(Role.VIEWER)
def lists(request: TenantRequest) -> HttpResponse:
    """Every list with its brand and how many contacts are on it."""
    context = {
        "lists": finding.lists_with_counts(request.tenant),
        "has_brand": Brand.objects.of(request.tenant).exists(),
        "may_edit": _may_edit(request),
    }
    return render(request, "contacts/lists.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def new_list(request: TenantRequest) -> HttpResponse:
    """Make a list of a brand."""
    form = ListForm(request.tenant, request.POST or None, is_new=True)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = verbs.create_list(
                request.tenant,
                given["brand"],
                name=given["name"],
                description=given["description"],
                actor=request.actor,
                at=clock.now(),
            )
        except verbs.NameTaken:
            form.add_error("name", _("The brand has a list of this name already."))
        else:
            messages.success(request, _("The list was made."))
            return redirect("contacts:list", tenant=request.tenant.slug, pk=made.pk)
    has_brand = Brand.objects.of(request.tenant).exists()
    return render(request, "contacts/new_list.html", {"form": form, "has_brand": has_brand})


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def list_page(request: TenantRequest, pk: int) -> HttpResponse:
    """One list: its name, what it is for, how many are on it."""
    found = get_object_or_404(List.objects.of(request.tenant).select_related("brand"), pk=pk)
    initial = {"name": found.name, "description": found.description}
    form = ListForm(request.tenant, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.rename_list(found, **form.cleaned_data, actor=request.actor, at=clock.now())
        except verbs.NameTaken:
            form.add_error("name", _("The brand has a list of this name already."))
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:list", tenant=request.tenant.slug, pk=pk)
    narrowing = finding.Narrowing(list_id=pk)
    context = {
        "list": get_object_or_404(List.objects.of(request.tenant).select_related("brand"), pk=pk),
        "form": form,
        "members": finding.find(request.tenant, narrowing).count(),
    }
    return render(request, "contacts/list.html", context)


@require_POST
@member(Role.MARKETER)
def archive_list(request: TenantRequest, pk: int) -> HttpResponse:
    """Put a list away, or bring it back."""
    found: List = get_object_or_404(List.objects.of(request.tenant), pk=pk)
    if found.archived_at is None:
        verbs.archive_list(found, actor=request.actor, at=clock.now())
        messages.success(request, _("The list was archived. Its contacts stay."))
    else:
        verbs.restore_list(found, actor=request.actor, at=clock.now())
        messages.success(request, _("The list is back."))
    return redirect("contacts:list", tenant=request.tenant.slug, pk=pk)


@require_GET
@member(Role.VIEWER)
def fields(request: TenantRequest) -> HttpResponse:
    """The custom fields of contacts."""
    found = Field.objects.of(request.tenant).order_by("position", "pk")
    context = {
        "fields": [(field, TYPES[field.type]) for field in found],
        "may_edit": _may_edit_for_all(request),
    }
    return render(request, "contacts/fields.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER, all_brands=True)
def new_field(request: TenantRequest) -> HttpResponse:
    """Make a custom field."""
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.create_field(
                request.tenant, **form.cleaned_data, actor=request.actor, at=clock.now()
            )
        except verbs.NameTaken:
            form.add_error("label", _("There is a field of this name already."))
        else:
            messages.success(request, _("The field was made."))
            return redirect("contacts:fields", tenant=request.tenant.slug)
    return render(request, "contacts/field.html", {"form": form, "field": None})


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER, all_brands=True)
def edit_field(request: TenantRequest, pk: int) -> HttpResponse:
    """Change the name or the choices of a field."""
    field = get_object_or_404(Field.objects.of(request.tenant), pk=pk)
    initial = {"label": field.label, "choices": ", ".join(field.choices)}
    form = FieldForm(request.POST or None, field=field, initial=initial)
    if request.method == "POST" and form.is_valid():
        choices = form.cleaned_data.get("choices", tuple(field.choices))
        label = form.cleaned_data["label"]
        try:
            verbs.change_field(
                field, label=label, choices=choices, actor=request.actor, at=clock.now()
            )
        except verbs.NameTaken:
            form.add_error("label", _("There is a field of this name already."))
        except verbs.StillUsed as fact:
            form.add_error("choices", _("Contacts still have “%(choice)s”.") % {"choice": fact})
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:fields", tenant=request.tenant.slug)
    return render(request, "contacts/field.html", {"form": form, "field": field})


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER, all_brands=True)
def delete_field(request: TenantRequest, pk: int) -> HttpResponse:
    """Delete a field with all its values."""
    field = get_object_or_404(Field.objects.of(request.tenant), pk=pk)
    held = Contact.objects.of(request.tenant).filter(fields__has_key=field.key).count()
    text = ngettext(
        "The field and its value in %(count)s contact will be deleted.",
        "The field and its values in %(count)s contacts will be deleted.",
        held,
    )
    back = reverse("contacts:edit_field", args=[request.tenant.slug, pk])
    question = Confirmation(
        title=_("Delete the field “%(label)s”") % {"label": field.label},
        text=text % {"count": number(held)},
        action=_("Delete"),
        undo=False,
        danger=True,
        cancel_url=back,
    )
    return _confirmed(request, question, verbs.delete_field, field, "contacts:fields")


@require_GET
@member(Role.VIEWER)
def tags(request: TenantRequest) -> HttpResponse:
    """The tags, and how many contacts have each."""
    context = {
        "tags": finding.tags_with_counts(request.tenant),
        "may_edit": _may_edit_for_all(request),
    }
    return render(request, "contacts/tags.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER, all_brands=True)
def new_tag(request: TenantRequest) -> HttpResponse:
    """Make a tag."""
    form = TagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            verbs.create_tag(request.tenant, name=name, actor=request.actor, at=clock.now())
        except verbs.NameTaken:
            form.add_error("name", _("There is a tag of this name already."))
        else:
            messages.success(request, _("The tag was made."))
            return redirect("contacts:tags", tenant=request.tenant.slug)
    return render(request, "contacts/tag.html", {"form": form, "tag": None})


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER, all_brands=True)
def edit_tag(request: TenantRequest, pk: int) -> HttpResponse:
    """Give a tag another name."""
    tag = get_object_or_404(Tag.objects.of(request.tenant), pk=pk)
    form = TagForm(request.POST or None, initial={"name": tag.name})
    if request.method == "POST" and form.is_valid():
        try:
            name = form.cleaned_data["name"]
            verbs.rename_tag(tag, name=name, actor=request.actor, at=clock.now())
        except verbs.NameTaken:
            form.add_error("name", _("There is a tag of this name already."))
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:tags", tenant=request.tenant.slug)
    return render(request, "contacts/tag.html", {"form": form, "tag": tag})


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER, all_brands=True)
def delete_tag(request: TenantRequest, pk: int) -> HttpResponse:
    """Delete a tag; contacts stay and lose it."""
    tag = get_object_or_404(Tag.objects.of(request.tenant), pk=pk)
    held = finding.find(request.tenant, finding.Narrowing(tag_id=pk)).count()
    text = ngettext(
        "%(count)s contact will lose this tag and stay otherwise as it is.",
        "%(count)s contacts will lose this tag and stay otherwise as they are.",
        held,
    )
    question = Confirmation(
        title=_("Delete the tag “%(name)s”") % {"name": tag.name},
        text=text % {"count": number(held)},
        action=_("Delete"),
        undo=False,
        danger=True,
        cancel_url=reverse("contacts:edit_tag", args=[request.tenant.slug, pk]),
    )
    return _confirmed(request, question, verbs.delete_tag, tag, "contacts:tags")


def _confirmed(
    request: TenantRequest, question: Confirmation, verb: Any, about: Any, then: str
) -> HttpResponse:
    """Ask, and do it when the answer is yes."""
    form = ConfirmForm(request.POST or None, word=question.word)
    if request.method == "POST":
        verb(about, actor=request.actor, at=clock.now())
        messages.success(request, _("Deleted."))
        return redirect(then, tenant=request.tenant.slug)
    return render(request, "ui/confirm.html", {"confirmation": question, "form": form})


def _may_edit(request: TenantRequest) -> bool:
    return Role(request.membership.role).includes(Role.MARKETER)


def _may_edit_for_all(request: TenantRequest) -> bool:
    """Fields and tags are what the brands have in common."""
    return _may_edit(request) and request.tenant.only_brands is None
