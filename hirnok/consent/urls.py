"""Addresses that strangers may open (signing up, leaving, the own page, pictures), and the room of forms."""

from django.urls import URLPattern, path

from hirnok.consent.views import preferring, signing_up, unsubscribing

app_name = "consent"
urlpatterns: list[URLPattern] = [
    path("u/<str:token>", unsubscribing.unsubscribe, name="unsubscribe"),
    path("m/<str:token>", unsubscribing.image, name="image"),
    path("f/<str:token>/", signing_up.sign_up, name="sign_up"),
    path("f/<str:token>/thanks/", signing_up.sign_up_thanks, name="sign_up_thanks"),
    path("k/<str:token>/", signing_up.confirm_sign_up, name="confirm_sign_up"),
    path("p/<str:token>/", preferring.preferences, name="preferences"),
]
