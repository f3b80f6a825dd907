"""Pages of pictures: upload, describe, remove."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.campaigns import pictures
from hirnok.campaigns.forms import AlternativeTextForm, PictureForm
from hirnok.lib import clock
from hirnok.tenants import pictures as stored
from hirnok.tenants.models import Image
from hirnok.ui.confirmation import Confirmation, ConfirmForm
from hirnok.ui.paging import keyset


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def images(request: TenantRequest) -> HttpResponse:
    """All pictures, the newest first, and a form for another one."""
    form = PictureForm(request.tenant, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and _uploaded(request, form):
        messages.success(request, _("The picture is stored."))
        return redirect(request.get_full_path())
    rows = Image.objects.of(request.tenant).defer("data").select_related("brand")
    page = keyset(rows, key=("-uploaded_at", "-pk"), after=request.GET.get("page"), size=24)
    context = {
        "page": page,
        "form": form,
        "for_all": request.tenant.only_brands is None,
        "used": stored.storage_used(request.tenant),
    }
    return render(request, "campaigns/images.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def edit_image(request: TenantRequest, pk: int) -> HttpResponse:
    """The text that stands for a picture."""
    image = _changeable(request, pk)
    initial = {"alternative_text": image.alternative_text}
    form = AlternativeTextForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        stored.describe(
            request.tenant,
            pk,
            alternative_text=form.cleaned_data["alternative_text"],
            actor=request.actor,
            at=clock.now(),
        )
        messages.success(request, _("Saved."))
        return redirect("campaigns:images", tenant=request.tenant.slug)
    context = {"image": image, "form": form, "cancel_url": _images_url(request)}
    return render(request, "campaigns/edit_image.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def delete_image(request: TenantRequest, pk: int) -> HttpResponse:
    """Ask, then remove a picture that no sent campaign shows."""
    image = _changeable(request, pk)
    if request.method == "POST":
        try:
            pictures.remove(request.tenant, pk, actor=request.actor, at=clock.now())
        except pictures.InUse:
            text = _("A campaign that is scheduled or sent shows this picture, so it stays.")
            messages.error(request, text)
        else:
            messages.success(request, _("The picture is removed."))
        return redirect("campaigns:images", tenant=request.tenant.slug)
    drafts = pictures.used_in(request.tenant, image).count()
    question = Confirmation(
        title=_("Remove the picture “%(name)s”") % {"name": image.name},
        text=_("A draft shows this picture; there it will be missing.") if drafts else "",
        action=_("Remove"),
        undo=False,
        danger=True,
        cancel_url=_images_url(request),
    )
    context = {"confirmation": question, "form": ConfirmForm()}
    return render(request, "ui/confirm.html", context)


def _uploaded(request: TenantRequest, form: PictureForm) -> bool:
    """Store what came; says at the field what is wrong with it."""
    file = form.cleaned_data["file"]
    try:
        stored.upload(
            request.tenant,
            name=file.name,
            data=file.read(stored.LARGEST + 1),
            alternative_text=form.cleaned_data["alternative_text"],
            brand=form.brand(),
            actor=request.actor,
            at=clock.now(),
        )
    except stored.TooLarge:
        form.add_error("file", _("The file is larger than 5 MB. Make it smaller, then try again."))
    except stored.NotAPicture:
        text = _("This file is no JPEG, PNG, GIF or WebP picture, or it is damaged.")
        form.add_error("file", text)
    except stored.TooManyPixels:
        text = _("The picture has more than 25 million pixels. Make it smaller, then try again.")
        form.add_error("file", text)
    else:
        return True
    return False


def _images_url(request: TenantRequest) -> str:
    return reverse("campaigns:images", kwargs={"tenant": request.tenant.slug})


def _changeable(request: TenantRequest, pk: int) -> Image:
    """A picture of all brands is changed only by who works for all of them."""
    rows = Image.objects.of(request.tenant).defer("data")
    image: Image = get_object_or_404(rows, pk=pk)
    if image.brand_id is None and request.tenant.only_brands is not None:
        raise PermissionDenied
    return image
