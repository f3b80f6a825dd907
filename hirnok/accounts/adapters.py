"""allauth's adapter: nobody signs up alone (N7), sessions are noted and ended, mails are letters."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from hirnok.accounts import sessions
from hirnok.accounts.models import Ended, User
from hirnok.lib import clock


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Users are made by the operator; sign-up is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, after every factor; the pages speak the user's language from here on."""
        super().login(request, user)
        request.session["language"] = user.language
        key = request.session.session_key or ""
        device = request.headers.get("User-Agent", "")
        sessions.begin(user, key, device=device, at=clock.now())

    def logout(self, request: HttpRequest) -> None:
        """Sign out; there is nothing to be told afterwards."""
        sessions.forget(request.session.session_key or "")
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        """Set a password; every session of the user ends, this one by signing out."""
        super().set_password(user, password)
        here = self.request.session.session_key
        sessions.end_all(user, Ended.PASSWORD, but=here, at=clock.now())
