"""Pages of one's own account, outside of tenants: sessions."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as base
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hirnok.accounts import devices, policy, sessions
from hirnok.accounts.models import Ended, User, UserSession
from hirnok.lib import clock


@login_required
def own_sessions(request: HttpRequest) -> HttpResponse:
    """List where the user is signed in."""
    user = _user(request)
    rows = [_row(request, session) for session in sessions.live(user, at=clock.now())]
    context = {"rows": rows, "rules": policy.for_user(user)}
    return render(request, "accounts/sessions.html", context)


@login_required
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    """End another session of the user; the password or a factor is asked for before (ASVS 7.5.2)."""
    session = get_object_or_404(sessions.live(_user(request), at=clock.now()), pk=session_id)
    sessions.end(session, Ended.BY_HAND, at=clock.now())
    messages.success(request, _("The session is over."))
    return redirect("own_sessions")


@login_required
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def sessions_end(request: HttpRequest) -> HttpResponse:
    """End all sessions of the user but this one."""
    sessions.end_all(_user(request), Ended.BY_HAND, but=request.session.session_key, at=clock.now())
    messages.success(request, _("All other sessions are over."))
    return redirect("own_sessions")


@login_required
def mfa_reauthenticate(request: HttpRequest) -> HttpResponse:
    """Prove by a code alone who one is: for those who have no password; others give both (ASVS 7.5.1)."""
    if _user(request).has_usable_password():
        return redirect_to_login(
            request.GET.get("next", ""), reverse("account_reauthenticate"), "next"
        )
    answer: HttpResponse = base.reauthenticate(request)
    return answer


def _row(request: HttpRequest, session: UserSession) -> dict[str, Any]:
    return {
        "session": session,
        "here": session.session_key == request.session.session_key,
        "browser": devices.browser(session.device),
        "system": devices.system(session.device),
    }


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required
    return request.user
