"""allauth's adapter: nobody signs up alone (N7), sessions are noted and ended, mails are letters."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from hirnok.accounts import sessions, sign_ins
from hirnok.accounts.models import Ended, User
from hirnok.lib import clock


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Users are made by the operator; sign-up is closed."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("Address and password do not belong together."),
        "too_many_login_attempts": _("Too many failed attempts. Try again in a few minutes."),
        "incorrect_password": _("This is not the password."),
        "enter_current_password": _("This is not the present password."),
        "account_inactive": _("This account is switched off."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, after every factor; the pages speak the user's language from here on."""
        super().login(request, user)
        request.session["language"] = user.language
        key = request.session.session_key or ""
        device = request.headers.get("User-Agent", "")
        at = clock.now()
        sessions.begin(user, key, device=device, at=at)
        sign_ins.succeeded(user, by=_ways(request, user), at=at)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Say to whoever knew the password that the account is switched off."""
        messages.error(request, str(self.error_messages["account_inactive"]))
        return redirect("account_login")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note a wrong password of a user there is."""
        address = str(credentials.get("email", "")).strip().lower()
        if user := User.objects.filter(email=address).first():
            sign_ins.failed(user, at=clock.now())

    def logout(self, request: HttpRequest) -> None:
        """Sign out; there is nothing to be told afterwards."""
        sessions.forget(request.session.session_key or "")
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        """Set a password; every session of the user ends, this one by signing out."""
        super().set_password(user, password)
        here = self.request.session.session_key
        sessions.end_all(user, Ended.PASSWORD, but=here, at=clock.now())


def _ways(request: HttpRequest, user: User) -> str:
    """With what the user signed in: "password,totp"."""
    records = get_authentication_records(request, user)
    return ",".join(str(one.get("type") or one["method"]) for one in records)
