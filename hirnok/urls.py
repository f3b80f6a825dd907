"""Every address: public ones by token, `/<tenant>/…` behind the one door, sign-in by allauth."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("hirnok.accounts.sign_in_urls")),
    path("", include("hirnok.consent.urls")),
    path("", include("hirnok.ui.urls")),
    path("", include("hirnok.site.urls")),
    path("", include("hirnok.accounts.urls")),
    path("", include("hirnok.contacts.urls")),
    path("", include("hirnok.outbox.urls")),
    path("", include("hirnok.returns.urls")),
    path("", include("hirnok.campaigns.urls")),
    path("", include("hirnok.privacy.urls")),
    path("", include("hirnok.rights.urls")),
    path("", include("hirnok.processing.urls")),
    path("", include("hirnok.breaches.urls")),
]
handler400 = "hirnok.ui.failures.bad_request"
handler403 = "hirnok.ui.failures.forbidden"
handler404 = "hirnok.ui.failures.not_found"
handler429 = "hirnok.ui.failures.too_many"  # allauth's, beside Django's
handler500 = "hirnok.ui.failures.server_error"
