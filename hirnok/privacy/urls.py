"""Addresses of the privacy pages: notices for everybody, the register for officers and owners."""

from django.urls import URLPattern, path

from hirnok.privacy.views import evidence, looks, notices, public, records, register, retention

app_name = "privacy"
_all = "<slug:tenant>/privacy/"
_notice = f"{_all}notices/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path(_all, register.register, name="register"),
    path(f"{_all}retention/", retention.retention, name="retention"),
    path(f"{_all}retention/approve/", retention.approve_retention, name="approve_retention"),
    path(f"{_all}controller/", register.controller, name="controller"),
    path(f"{_all}activities/<int:pk>/", register.activity, name="activity"),
    path(f"{_all}recipients/new/", register.recipient_new, name="recipient_new"),
    path(f"{_all}recipients/<int:pk>/", register.recipient, name="recipient"),
    path(f"{_all}recipients/<int:pk>/agreed.csv", register.hand_over, name="hand_over"),
    path(f"{_all}record.<slug:kind>", records.record, name="record"),
    path(f"{_all}processor-record.<slug:kind>", records.processor_record, name="processor_record"),
    path(f"{_all}notices/new/", notices.notice_new, name="notice_new"),
    path(f"{_notice}edit/", notices.notice_edit, name="notice_edit"),
    path(f"{_all}evidence/", evidence.evidence, name="evidence"),
    path(f"{_all}looks/", looks.access_log, name="access_log"),
    path(f"{_all}looks.csv", looks.access_log_csv, name="access_log_csv"),
    path(_notice, notices.notice, name="notice"),
    path(f"{_notice}publish/", notices.publish_notice, name="publish_notice"),
    path("n/<str:token>/", public.public_notice, name="public_notice"),
    path("n/<str:token>/<int:number>/", public.public_notice, name="public_notice"),
    path("n/<str:token>/<int:number>/notice.pdf", public.notice_pdf, name="notice_pdf"),
    path("n/<str:token>/<int:number>/notice.json", public.notice_json, name="notice_json"),
]
