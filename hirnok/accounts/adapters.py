"""allauth's adapter: nobody signs up alone (N7), sessions are noted and ended, mails are letters."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hirnok.accounts import familiar, notices, sessions, sign_ins
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
        "password_over": _(
            "This first password has expired. Ask for a password letter, or for a new one where Hirnok runs."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, after every factor; the pages speak the user's language from here on."""
        is_first = user.last_login is None
        super().login(request, user)
        request.session["language"] = user.language
        key = request.session.session_key or ""
        device = request.headers.get("User-Agent", "")
        at = clock.now()
        request.session["begun"] = at.timestamp()
        sessions.begin(user, key, device=device, at=at)
        sign_ins.succeeded(user, by=_ways(request, user), at=at)
        if not is_first and not familiar.is_known(request, user):
            self.tell(user, "new_sign_in")

    def pre_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse | None:
        """Refuse a first password whose days are over (ASVS 6.4.1); the OpenID provider needs none."""
        by_password = "sociallogin" not in (details.get("signal_kwargs") or {})
        if by_password and user.password_until and user.password_until < clock.now():
            clear_login(request)
            messages.error(request, str(self.error_messages["password_over"]))
            return redirect("account_login")
        answer: HttpResponse | None = super().pre_login(request, user, **details)
        return answer

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        """Let the browser remember that this user signed in here."""
        response: HttpResponse = super().post_login(request, user, **details)
        familiar.remember(request, response, user)
        return response

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """A code alone is no full proof of who has a password: the page for the password asks for both."""
        found: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if not isinstance(user, User) or not user.has_usable_password():
            return found
        return [one for one in found if one["id"] != "mfa_reauthenticate"]

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the user of a change; after a change of factors the other sessions are over (ASVS 7.4.3)."""
        if notices.NOTICES[template_prefix].changes_factor:
            here = self.request.session.session_key
            sessions.end_all(user, Ended.FACTOR, but=here, at=clock.now())
        self.tell(user, template_prefix, email=email or "")

    def tell(self, user: User, kind: str, *, email: str = "", detail: str = "") -> None:
        """Write a letter of `notices`, with where this request came from."""
        device = self.request.headers.get("User-Agent", "")
        where = notices.Where(device, self.get_client_ip(self.request))
        notices.send(kind, user, where, at=clock.now(), email=email, detail=detail)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead to the sign-in, which a new password asks for, and not back to where it was changed."""
        return reverse("account_login")

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
        user.password_until = None
        super().set_password(user, password)
        here = self.request.session.session_key
        sessions.end_all(user, Ended.PASSWORD, but=here, at=clock.now())


def _ways(request: HttpRequest, user: User) -> str:
    """With what the user signed in: "password,totp"."""
    records = get_authentication_records(request, user)
    return ",".join(str(one.get("type") or one["method"]) for one in records)
