"""Addresses of the campaigns pages."""

from django.urls import URLPattern, path

from hirnok.campaigns.views import reports

app_name = "campaigns"
_report = "<slug:tenant>/reports/<int:campaign_id>/"
urlpatterns: list[URLPattern] = [
    path("r/<str:token>/", reports.shared_report, name="shared_report"),
    path("<slug:tenant>/reports/", reports.reports, name="reports"),
    path(_report, reports.report, name="report"),
    path(f"{_report}figures.csv", reports.report_csv, name="report_csv"),
    path(f"{_report}recipients/", reports.report_recipients, name="report_recipients"),
    path(f"{_report}recipients.csv", reports.report_recipients_csv, name="report_recipients_csv"),
    path(f"{_report}shares/", reports.report_shares, name="report_shares"),
    path(f"{_report}shares/<int:share_id>/end/", reports.report_unshare, name="report_unshare"),
]
