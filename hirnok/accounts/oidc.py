"""Signing in through the OpenID provider of whoever runs the installation (OpenID Connect Core 1.0), with allauth.

The authorization code flow with PKCE (RFC 7636), `state` and `nonce`. The ID token's signature, issuer, audience,
nonce and times are checked whatever the transport. Nobody becomes a user by it: at the first time a person is known
by the address, which the provider must have verified; from then on only by issuer and subject, hashed. What the
provider asked for is not counted as a second factor: that is asked for here, as after a password.
"""

import hashlib
import hmac
import secrets
from typing import Any, NoReturn

import jwt
import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from hirnok.accounts.models import User
from hirnok.lib import clock
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for

PROVIDER = "oidc"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
LEEWAY = 60  # seconds by which the provider's clock may differ from ours
SCOPE = ["openid", "email", "profile"]
FAULTS = (OAuth2Error, requests.RequestException, jwt.PyJWTError, ValueError, KeyError)


class Provider(OpenIDConnectProvider):  # type: ignore[misc]
    """The one provider, from the settings."""

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: Any = None,
        **_: Any,
    ) -> Any:
        """Lead to the provider, with a nonce that the ID token must bring back; nothing of the address is passed on."""
        nonce = secrets.token_urlsafe(24)
        return super().redirect(
            request,
            "login",
            next_url,
            data,
            auth_params={"nonce": nonce},
            scope=SCOPE,
            nonce=nonce,
        )

    def get_oauth2_adapter(self, request: HttpRequest) -> "Conversation":
        return Conversation(request)

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Return issuer and subject as one hash: a subject is unique at its issuer only (Core, section 2)."""
        return hashlib.sha256(f"{data['iss']}\n{data['sub']}".encode()).hexdigest()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Keep nothing of what else the provider tells."""
        return {}


class Conversation(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """What is asked of the provider during one sign-in."""

    nonce = ""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, PROVIDER)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("oidc_callback"))

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Return who the provider says it is; one of FAULTS."""
        claims = self._verified(kwargs["response"].get("id_token") or "", app)
        if "email" not in claims:
            told = self._fetch_user_info(token.token)
            if told.get("sub") != claims["sub"]:
                raise OAuth2Error("userinfo of somebody else")  # Core, section 5.3.2
            claims = told | claims
        return self.get_provider().sociallogin_from_response(request, claims)

    def _verified(self, id_token: str, app: SocialApp) -> dict[str, Any]:
        """Return the claims of an ID token that is genuine, for us, of now, and of this very sign-in (section 3.1.3.7)."""
        claims: dict[str, Any] = jwt.decode(
            id_token,
            key=self._key(id_token),
            algorithms=ALGORITHMS,
            audience=app.client_id,
            issuer=self.openid_config["issuer"],
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
        if claims["iss"].rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
            raise OAuth2Error("another issuer than the one in the settings")
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("issued to another client")
        if not self.nonce or not hmac.compare_digest(str(claims.get("nonce")), self.nonce):
            raise OAuth2Error("of another sign-in")
        return claims

    def _key(self, id_token: str) -> jwt.PyJWK:
        """Return the provider's key by which the token says it is signed."""
        wanted = jwt.get_unverified_header(id_token).get("kid")
        with DefaultSocialAccountAdapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = [one for one in jwt.PyJWKSet.from_dict(answer.json()).keys if one.key_type != "oct"]
        fitting = [one for one in keys if wanted is None or one.key_id == wanted]
        if len(fitting) != 1:
            raise OAuth2Error("signed by no key of the provider")
        return fitting[0]


class SignInView(OAuth2LoginView):  # type: ignore[misc]
    """Leads to the provider."""


class CallbackView(OAuth2CallbackView):  # type: ignore[misc]
    """Takes whoever comes back from the provider."""

    adapter: Conversation

    def _get_state(self, request: HttpRequest, provider: Provider) -> Any:
        state, answer = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, answer


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """What allauth asks of us: which provider, and who a person is."""

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> Provider:
        """Return the provider of the settings; there is no other."""
        if not settings.OIDC_ISSUER:
            raise SocialApp.DoesNotExist
        app = SocialApp(
            provider="openid_connect",
            provider_id=PROVIDER,
            name=settings.OIDC_NAME,
            client_id=settings.OIDC_CLIENT_ID,
            secret=settings.OIDC_CLIENT_SECRET,
            settings={"server_url": settings.OIDC_ISSUER, "oauth_pkce_enabled": True},
        )
        return Provider(request, app=app)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let in who is known: by subject, or at the first time by an address that the provider has verified."""
        if sociallogin.is_existing:
            _drop_first_password(sociallogin.user)
            return
        addresses = sociallogin.email_addresses
        if not addresses or addresses[0].verified is not True:
            refuse(
                request,
                _("%(provider)s has not verified your e-mail address, so you cannot sign in by it.")
                % {"provider": settings.OIDC_NAME},
            )
        user = User.objects.filter(email=addresses[0].email.strip().lower()).first()
        known = user and SocialAccount.objects.filter(user=user, provider=PROVIDER).exists()
        if user is None or known:
            # Somebody who came with another subject before: the address has changed hands there.
            refuse(
                request,
                _("Nobody here is known by this account of %(provider)s. Ask for access first.")
                % {"provider": settings.OIDC_NAME},
            )
        _remember(user, sociallogin)
        _drop_first_password(user)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_: Any) -> None:
        """Lead back to signing in, and say that it did not work."""
        fail(request)


def fail(request: HttpRequest) -> NoReturn:
    """Lead back to signing in: something between the provider and us did not work."""
    refuse(
        request,
        _("Signing in with %(provider)s did not work. Try again, or use your password.")
        % {"provider": settings.OIDC_NAME},
    )


def refuse(request: HttpRequest, why: str) -> NoReturn:
    """Lead back to signing in and say why."""
    messages.error(request, why)
    raise ImmediateHttpResponse(redirect("account_login"))


@transaction.atomic
def _remember(user: User, sociallogin: SocialLogin) -> None:
    """Know the user by the subject from now on."""
    sociallogin.user = user
    sociallogin.account.user = user
    sociallogin.account.save()
    with acting_for(user.tenant_id):
        audit.record(
            user.tenant_id, "user.oidc", actor=f"user:{user.pk}", at=clock.now(), about=user
        )


def _drop_first_password(user: User) -> None:
    """A password that the program made up is of no use any more, and nobody has to change it."""
    if user.password_until is not None:
        user.set_unusable_password()
        user.password_until = None
        user.save(update_fields=["password", "password_until"])
