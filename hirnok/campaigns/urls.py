"""Addresses of the campaigns pages."""

from django.urls import URLPattern, path

from hirnok.campaigns.views import campaigns, doctor, images, people, previews, reports, sending

app_name = "campaigns"
_all = "<slug:tenant>/campaigns/"
_one = f"{_all}<int:pk>/"
_images = "<slug:tenant>/images/"
_report = "<slug:tenant>/reports/<int:campaign_id>/"
urlpatterns: list[URLPattern] = [
    path(_all, campaigns.campaigns, name="campaigns"),
    path(f"{_all}new/", campaigns.new_campaign, name="new_campaign"),
    path(_one, sending.campaign, name="campaign"),
    path(f"{_one}edit/", campaigns.edit_campaign, name="edit_campaign"),
    path(f"{_one}save/", campaigns.save_campaign, name="save_campaign"),
    path(f"{_one}audience/", campaigns.campaign_audience, name="campaign_audience"),
    path(f"{_one}preview/", previews.preview, name="preview"),
    path(f"{_one}preview/frame/", previews.preview_frame, name="preview_frame"),
    path(f"{_one}test/", previews.test_send, name="test_send"),
    path(f"{_one}doctor/", doctor.campaign_doctor, name="campaign_doctor"),
    path(f"{_one}send/", sending.send_campaign, name="send_campaign"),
    path(f"{_one}schedule/", sending.schedule_campaign, name="schedule_campaign"),
    path(f"{_one}unschedule/", sending.unschedule_campaign, name="unschedule_campaign"),
    path(f"{_one}progress/", sending.campaign_progress, name="campaign_progress"),
    path(f"{_one}pause/", sending.pause_campaign, name="pause_campaign"),
    path(f"{_one}resume/", sending.resume_campaign, name="resume_campaign"),
    path(f"{_one}cancel/", sending.cancel_campaign, name="cancel_campaign"),
    path(f"{_one}duplicate/", campaigns.duplicate_campaign, name="duplicate_campaign"),
    path(f"{_one}rest/", campaigns.send_to_rest, name="send_to_rest"),
    path(f"{_one}delete/", campaigns.delete_campaign, name="delete_campaign"),
    path(_images, images.images, name="images"),
    path(f"{_images}<int:pk>/", images.edit_image, name="edit_image"),
    path(f"{_images}<int:pk>/delete/", images.delete_image, name="delete_image"),
    path(
        "<slug:tenant>/contacts/<int:pk>/newsletters/",
        people.contact_newsletters,
        name="contact_newsletters",
    ),
    path(
        "<slug:tenant>/settings/brands/<int:pk>/doctor/", doctor.brand_doctor, name="brand_doctor"
    ),
    path("r/<str:token>/", reports.shared_report, name="shared_report"),
    path("<slug:tenant>/reports/", reports.reports, name="reports"),
    path(_report, reports.report, name="report"),
    path(f"{_report}figures.csv", reports.report_csv, name="report_csv"),
    path(f"{_report}recipients/", reports.report_recipients, name="report_recipients"),
    path(f"{_report}recipients.csv", reports.report_recipients_csv, name="report_recipients_csv"),
    path(f"{_report}shares/", reports.report_shares, name="report_shares"),
    path(f"{_report}shares/<int:share_id>/end/", reports.report_unshare, name="report_unshare"),
]
