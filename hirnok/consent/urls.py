"""Addresses that strangers may open (signing up, leaving, the own page, pictures), and the room of forms."""

from django.urls import URLPattern, path

from hirnok.consent.views import (
    forms,
    leaving_policy,
    ledger,
    preferring,
    renewing,
    signing_up,
    unsubscribing,
)

app_name = "consent"
_forms = "<slug:tenant>/forms/"
_form = f"{_forms}<int:pk>/"
urlpatterns: list[URLPattern] = [
    path("u/<str:token>", unsubscribing.unsubscribe, name="unsubscribe"),
    path("m/<str:token>", unsubscribing.image, name="image"),
    path("f/<str:token>/", signing_up.sign_up, name="sign_up"),
    path("f/<str:token>/thanks/", signing_up.sign_up_thanks, name="sign_up_thanks"),
    path("k/renew/<str:token>/", renewing.renew, name="renew"),
    path("k/<str:token>/", signing_up.confirm_sign_up, name="confirm_sign_up"),
    path("p/<str:token>/", preferring.preferences, name="preferences"),
    path("p/<str:token>/receipt.json", preferring.receipt, name="receipt"),
    path("p/<str:token>/data.<str:kind>", preferring.preferences_data, name="preferences_data"),
    path("<slug:tenant>/contacts/<int:pk>/consent/", ledger.consent_ledger, name="consent_ledger"),
    path("<slug:tenant>/contacts/<int:pk>/consent/withdraw/", ledger.withdraw, name="withdraw"),
    path("<slug:tenant>/settings/leaving/", leaving_policy.leaving_policy, name="leaving_policy"),
    path(_forms, forms.forms, name="forms"),
    path(f"{_forms}new/", forms.form_new, name="form_new"),
    path(_form, forms.form, name="form"),
    path(f"{_form}edit/", forms.form_edit, name="form_edit"),
    path(f"{_form}close/", forms.form_close, name="form_close"),
    path(f"{_form}texts/<str:language>/", forms.form_texts, name="form_texts"),
    path(f"{_form}preview/<str:language>/", forms.form_preview, name="form_preview"),
    path(f"{_form}letter/<str:language>/<str:kind>/", forms.form_letter, name="form_letter"),
]
