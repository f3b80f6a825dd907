"""Sign-in, sign-out and password pages, all of them allauth's; one's sessions."""

from allauth.account import views as allauth_views
from django.urls import path

from hirnok.accounts import account_views

urlpatterns = [
    path("sign-in/", allauth_views.login, name="account_login"),
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
        "password/reset/key/<uidb36>-<key>/",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("sessions/", account_views.own_sessions, name="own_sessions"),
    path("sessions/<int:session_id>/end/", account_views.session_end, name="session_end"),
    path("reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
]
