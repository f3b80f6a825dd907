"""Addresses of the register of breaches, and two that everybody may open."""

from django.urls import URLPattern, path

from hirnok.breaches.views import obligations, public, register, steps, telling

app_name = "breaches"
_all = "<slug:tenant>/privacy/breaches/"
_one = f"{_all}<int:pk>/"
urlpatterns: list[URLPattern] = [
    path(".well-known/security.txt", public.security_txt, name="security_txt"),
    path("i/<str:token>/", public.report_violation, name="report_violation"),
    path(_all, register.breaches, name="breaches"),
    path(f"{_all}obligations/", obligations.obligations, name="obligations"),
    path(f"{_all}new/", register.breach_new, name="breach_new"),
    path(f"{_all}claim/", register.claim_new, name="claim_new"),
    path(f"{_all}breaches.json", register.breaches_json, name="breaches_json"),
    path(f"{_all}breaches.xlsx", register.breaches_xlsx, name="breaches_xlsx"),
    path(f"{_all}breaches.pdf", register.breaches_pdf, name="breaches_pdf"),
    path(_one, register.breach, name="breach"),
    path(f"{_one}evidence/", register.breach_evidence, name="breach_evidence"),
    path(f"{_one}evidence/<int:file_id>/", register.breach_file, name="breach_file"),
    path(f"{_one}facts/", steps.breach_describe, name="breach_describe"),
    path(f"{_one}confirm/", steps.breach_confirm, name="breach_confirm"),
    path(f"{_one}dismiss/", steps.breach_dismiss, name="breach_dismiss"),
    path(f"{_one}reopen/", steps.breach_reopen, name="breach_reopen"),
    path(f"{_one}severity/", steps.breach_severity, name="breach_severity"),
    path(f"{_one}decide/authority/", steps.breach_decide_authority, name="breach_decide_authority"),
    path(f"{_one}decide/persons/", steps.breach_decide_persons, name="breach_decide_persons"),
    path(f"{_one}late/", steps.breach_late, name="breach_late"),
    path(f"{_one}lessons/", steps.breach_lessons, name="breach_lessons"),
    path(f"{_one}close/", steps.breach_close, name="breach_close"),
    path(f"{_one}authority/", telling.breach_authority, name="breach_authority"),
    path(
        f"{_one}authority/notification.pdf",
        telling.breach_authority_pdf,
        name="breach_authority_pdf",
    ),
    path(f"{_one}letter/", telling.breach_letter, name="breach_letter"),
    path(f"{_one}letter/letter.pdf", telling.breach_letter_pdf, name="breach_letter_pdf"),
    path(f"{_one}persons/", telling.breach_persons, name="breach_persons"),
    path(f"{_one}customers/", telling.breach_tenants, name="breach_tenants"),
    path(f"{_one}operator/", telling.breach_operator, name="breach_operator"),
]
