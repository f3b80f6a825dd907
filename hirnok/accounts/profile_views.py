"""Pages of one's own account, outside of tenants: name, language, address."""

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.core import ratelimit
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from hirnok.accounts import profile
from hirnok.accounts.door import signed_in
from hirnok.accounts.models import User
from hirnok.accounts.profile_forms import AddressForm, ProfileForm
from hirnok.lib import clock


@signed_in
def own_profile(request: HttpRequest) -> HttpResponse:
    """Change the own name and language."""
    user = _user(request)
    initial = {"name": user.name, "language": user.language}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        profile.change(user, **form.cleaned_data, at=clock.now())
        request.session["language"] = user.language
        with override(user.language):
            messages.success(request, _("Your account is changed."))
        return redirect("own_profile")
    return render(request, "accounts/profile.html", {"form": form, "person": user})


@reauthentication_required  # type: ignore[untyped-decorator]
@signed_in
def own_address(request: HttpRequest) -> HttpResponse:
    """Ask for another address; the password or a factor is asked for before (ASVS 7.5.1)."""
    user = _user(request)
    form = AddressForm(request.POST or None, present=user.email)
    if request.method == "POST" and form.is_valid():
        too_many = ratelimit.consume_or_429(request, action="change_email", user=user)
        if too_many is not None:
            return cast("HttpResponse", too_many)
        _write_to_new(request, user, form.cleaned_data["email"])
        messages.info(
            request,
            _(
                "If the address is free, a letter is on its way to it. Open its link in this browser within a day."
            ),
        )
        return redirect("own_profile")
    return render(request, "accounts/address.html", {"form": form, "person": user})


@signed_in
def own_address_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether the new address shall hold, by the link in the letter to it, and let it."""
    user = _user(request)
    try:
        asked = profile.asked(user, token, at=clock.now())
    except profile.LinkInvalid:
        return render(request, "accounts/address_link_invalid.html", status=404)
    if request.method != "POST":
        return render(request, "accounts/address_confirm.html", {"email": asked.email})
    if problem := _confirm(request, user, token, asked.email):
        messages.error(request, problem)
    else:
        messages.success(request, _("From now on you sign in with the new address."))
    return redirect("own_profile")


def _confirm(request: HttpRequest, user: User, token: str, email: str) -> str:
    """Let the new address hold; return what stands against it, "" when nothing does."""
    at, here = clock.now(), request.session.session_key or ""
    try:
        with transaction.atomic():
            old = profile.confirm_address(user, token, session=here, at=at)
            get_adapter(request).tell(user, "address_changed", email=old)
    except profile.UnderHold:
        return _("A legal hold stands on your account, so its address cannot be changed now.")
    except (profile.AddressTaken, IntegrityError):
        return _("This address is taken. Choose another one.")
    return ""


def _write_to_new(request: HttpRequest, user: User, email: str) -> None:
    token = profile.ask_for_address(user, email, at=clock.now())
    if token is None:
        return
    url = reverse("own_address_confirm", kwargs={"token": token})
    context = {"user": user, "confirm_url": request.build_absolute_uri(url)}
    with override(user.language):
        get_adapter().send_mail("account/email/address_new", email, context)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # signed_in
    return request.user
