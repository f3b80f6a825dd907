"""Addresses of the processing agreement: the tenant's as controller, the operator's as processor."""

from django.urls import URLPattern, path

from hirnok.processing.views import agreement, controller, operator

app_name = "processing"
_all = "<slug:tenant>/privacy/agreement/"
_instruction = f"{_all}instructions/<int:pk>/"
_inspection = f"{_all}audits/<int:pk>/"
_customer = f"{_all}customers/<int:tenant_id>/"
_theirs = f"{_customer}instructions/<int:instruction_id>/"
urlpatterns: list[URLPattern] = [
    path(_all, agreement.agreement, name="agreement"),
    path(f"{_all}accept/", agreement.agreement_accept, name="agreement_accept"),
    path(f"{_all}accepted/<int:pk>/agreement.pdf", agreement.agreement_pdf, name="agreement_pdf"),
    path(f"{_all}measures/", agreement.measures_document, name="measures_document"),
    path(f"{_all}commitments/<int:commitment_id>/", agreement.commitment, name="commitment"),
    path(f"{_all}versions/new/", agreement.version_new, name="version_new"),
    path(f"{_all}staff/new/", agreement.undertaking_new, name="undertaking_new"),
    path(f"{_all}instructions/new/", controller.instruction_new, name="instruction_new"),
    path(_instruction, controller.instruction, name="instruction"),
    path(f"{_instruction}evidence/", controller.instruction_evidence, name="instruction_evidence"),
    path(f"{_instruction}confirm/", controller.instruction_confirm, name="instruction_confirm"),
    path(f"{_instruction}uphold/", controller.instruction_uphold, name="instruction_uphold"),
    path(f"{_instruction}withdraw/", controller.instruction_withdraw, name="instruction_withdraw"),
    path(f"{_all}objections/new/", controller.objection_new, name="objection_new"),
    path(f"{_all}audits/new/", controller.inspection_new, name="inspection_new"),
    path(_inspection, controller.inspection, name="inspection"),
    path(f"{_inspection}report/", controller.inspection_report, name="inspection_report"),
    path(f"{_inspection}findings/new/", controller.finding_new, name="finding_new"),
    path(f"{_inspection}close/", controller.inspection_close, name="inspection_close"),
    path(f"{_all}findings/<int:pk>/close/", controller.finding_close, name="finding_close"),
    path(f"{_all}sub-processors/announce/", operator.announcement_new, name="announcement_new"),
    path(f"{_all}sub-processors/commitments/", operator.commitment_new, name="commitment_new"),
    path(_customer, operator.customer, name="customer"),
    path(
        f"{_customer}instructions/new/",
        operator.customer_instruction_new,
        name="customer_instruction_new",
    ),
    path(
        f"{_theirs}acknowledge/",
        operator.customer_instruction_acknowledge,
        name="customer_instruction_acknowledge",
    ),
    path(
        f"{_theirs}object/",
        operator.customer_instruction_object,
        name="customer_instruction_object",
    ),
    path(
        f"{_theirs}execute/",
        operator.customer_instruction_execute,
        name="customer_instruction_execute",
    ),
    path(
        f"{_customer}objections/<int:objection_id>/",
        operator.customer_objection,
        name="customer_objection",
    ),
    path(
        f"{_customer}findings/<int:finding_id>/", operator.customer_finding, name="customer_finding"
    ),
]
