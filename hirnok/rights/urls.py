"""Addresses of the package: the portal for everybody, requests, opt-outs and orders for privacy officers."""

from django.urls import URLPattern, path

from hirnok.rights.views import holds, opt_outs, orders, public, requests, steps

app_name = "rights"
_portal = "rights/<str:token>/"
_status = f"{_portal}s/<str:status>/"
_requests = "<slug:tenant>/privacy/requests/"
_request = f"{_requests}<int:pk>/"
_opt_outs = "<slug:tenant>/privacy/opt-outs/"
_orders = "<slug:tenant>/privacy/orders/"
_holds = "<slug:tenant>/privacy/holds/"
urlpatterns: list[URLPattern] = [
    path(_holds, holds.holds, name="holds"),
    path(f"{_holds}new/", holds.hold_new, name="hold_new"),
    path(f"{_holds}<int:pk>/", holds.hold, name="hold"),
    path(f"{_holds}<int:pk>/document/", holds.hold_document, name="hold_document"),
    path(f"{_holds}<int:pk>/approve/", holds.hold_approve, name="hold_approve"),
    path(f"{_holds}<int:pk>/tell/", holds.hold_tell, name="hold_tell"),
    path(f"{_holds}<int:pk>/lift/", holds.hold_lift, name="hold_lift"),
    path(_portal, public.portal_home, name="portal_home"),
    path(f"{_portal}sent/", public.portal_sent, name="portal_sent"),
    path(f"{_portal}c/<str:claim>/", public.portal_confirm, name="portal_confirm"),
    path(_status, public.portal_request, name="portal_request"),
    path(f"{_status}letters/<int:pk>/", public.portal_letter, name="portal_letter"),
    path(f"{_status}<str:kind>.zip", public.portal_copy, name="portal_copy"),
    path(f"{_portal}<str:right>/", public.portal_ask, name="portal_ask"),
    path(_requests, requests.requests, name="requests"),
    path(f"{_requests}new/", requests.request_new, name="request_new"),
    path(_request, requests.request, name="request"),
    path(f"{_request}letters/<int:letter>/", requests.letter, name="letter"),
    path(
        f"{_request}letters/<int:letter>/delivered/",
        requests.letter_delivered,
        name="letter_delivered",
    ),
    path(f"{_request}identify/", steps.identify, name="identify"),
    path(f"{_request}ask-identity/", steps.ask_identity, name="ask_identity"),
    path(f"{_request}extend/", steps.extend, name="extend"),
    path(f"{_request}fee/", steps.fee, name="fee"),
    path(f"{_request}answer/", steps.answer, name="answer"),
    path(f"{_request}pass-on/", steps.pass_on, name="pass_on"),
    path(f"{_request}duplicate/", steps.duplicate, name="duplicate"),
    path(f"{_request}withdraw/", steps.withdraw, name="withdraw"),
    path(f"{_request}rights/<int:task>/do/", steps.perform, name="perform"),
    path(f"{_request}rights/<int:task>/decide/", steps.decide, name="decide"),
    path(f"{_request}rights/<int:task>/refuse/", steps.refuse, name="refuse"),
    path(f"{_request}outcomes/<int:outcome>/", steps.settle, name="settle"),
    path(_opt_outs, opt_outs.opt_outs, name="opt_outs"),
    path(f"{_opt_outs}new/", opt_outs.opt_out_new, name="opt_out_new"),
    path(f"{_opt_outs}<int:pk>/", opt_outs.opt_out, name="opt_out"),
    path(f"{_opt_outs}<int:pk>/scan/", opt_outs.opt_out_scan, name="opt_out_scan"),
    path(_orders, orders.orders, name="orders"),
    path(f"{_orders}new/", orders.order_new, name="order_new"),
    path(f"{_orders}<int:pk>/reveal/", orders.order_reveal, name="order_reveal"),
    path(f"{_orders}<int:pk>/document/", orders.order_document, name="order_document"),
]
