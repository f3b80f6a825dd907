"""Sign-in, sign-out and password pages, second factors, all of them allauth's; one's sessions."""

from allauth.account import views as allauth_views
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, register_converter
from django.urls.converters import StringConverter

from hirnok.accounts import account_views, oidc_views, profile_views


class Base36(StringConverter):
    """A number in base 36: ends at the hyphen, where a plain string would run on to the last one."""

    regex = "[0-9A-Za-z]+"


register_converter(Base36, "base36")
urlpatterns = [
    path("sign-in/", allauth_views.login, name="account_login"),
    path("oidc/", oidc_views.oidc_sign_in, name="oidc_sign_in"),
    path("oidc/callback/", oidc_views.oidc_callback, name="oidc_callback"),
    path("sign-out/", allauth_views.logout, name="account_logout"),
    path("password/change/", allauth_views.password_change, name="account_change_password"),
    path("password/set/", allauth_views.password_set, name="account_set_password"),
    path("password/reset/", allauth_views.password_reset, name="account_reset_password"),
    path(
        "password/reset/done/",
        allauth_views.password_reset_done,
        name="account_reset_password_done",
    ),
    path(
        "password/reset/key/<base36:uidb36>-<key>/",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("profile/", profile_views.own_profile, name="own_profile"),
    path("address/", profile_views.own_address, name="own_address"),
    path(
        "address/confirm/<str:token>/",
        profile_views.own_address_confirm,
        name="own_address_confirm",
    ),
    path("sessions/", account_views.own_sessions, name="own_sessions"),
    path("sessions/end/", account_views.sessions_end, name="sessions_end"),
    path("sessions/<int:session_id>/end/", account_views.session_end, name="session_end"),
    path("factors/", base.index, name="mfa_index"),
    path("factors/authenticate/", base.authenticate, name="mfa_authenticate"),
    path("factors/reauthenticate/", account_views.mfa_reauthenticate, name="mfa_reauthenticate"),
    path("factors/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("factors/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("factors/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("factors/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("factors/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("factors/passkeys/new/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("factors/passkeys/sign-in/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path(
        "factors/passkeys/reauthenticate/",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("factors/passkeys/<int:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("factors/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
]
