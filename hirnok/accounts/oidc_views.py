"""The way to the OpenID provider and back."""

from typing import cast

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from hirnok.accounts import oidc


@never_cache
@require_POST
def oidc_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the provider by a page of ours: the policy against foreign form targets would stop a redirect."""
    answer = _asked(oidc.SignInView, request)
    to = str(answer.headers.get("Location", ""))
    if not to.startswith(("http://", "https://")):
        return answer
    return render(request, "accounts/oidc_leaving.html", {"to": to, "name": settings.OIDC_NAME})


@never_cache
@require_GET
def oidc_callback(request: HttpRequest) -> HttpResponse:
    """Take whoever comes back from the provider."""
    return _asked(oidc.CallbackView, request)


def _asked(
    view: type[oidc.SignInView] | type[oidc.CallbackView], request: HttpRequest
) -> HttpResponse:
    """Let allauth do it; what fails on the way leads back to signing in. 404 without a provider."""
    try:
        answer: HttpResponse = view.adapter_view(oidc.Conversation(request))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except oidc.FAULTS:
        try:
            oidc.fail(request)
        except ImmediateHttpResponse as leading:
            return cast("HttpResponse", leading.response)
    return answer
