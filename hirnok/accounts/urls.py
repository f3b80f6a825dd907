"""Addresses of the settings pages."""

from django.urls import URLPattern, path

from hirnok.accounts import (
    helping_views,
    security_views,
    signing_views,
    token_views,
    views,
    visit_views,
)

app_name = "accounts"
_settings = "<slug:tenant>/settings/"
urlpatterns: list[URLPattern] = [
    path(_settings, views.settings, name="settings"),
    path(f"{_settings}brands/", views.brands, name="brands"),
    path(f"{_settings}brands/new/", views.brand_new, name="brand_new"),
    path(f"{_settings}brands/<int:brand_id>/", views.brand, name="brand"),
    path(
        f"{_settings}brands/<int:brand_id>/signing/",
        signing_views.brand_signing,
        name="brand_signing",
    ),
    path(f"{_settings}members/", views.members, name="members"),
    path(f"{_settings}members/new/", security_views.member_new, name="member_new"),
    path(f"{_settings}members/<int:membership_id>/", views.member_role, name="member_role"),
    path(f"{_settings}members/<int:membership_id>/leave/", views.member_leave, name="member_leave"),
    path(
        f"{_settings}members/<int:membership_id>/password/",
        views.password_letter,
        name="password_letter",
    ),
    path(
        f"{_settings}members/<int:membership_id>/help/",
        helping_views.member_help,
        name="member_help",
    ),
    path(f"{_settings}security/", security_views.security, name="security"),
    path(
        f"{_settings}security/sign-out/",
        helping_views.sign_everybody_out,
        name="sign_everybody_out",
    ),
    path(f"{_settings}tokens/", token_views.api_tokens, name="api_tokens"),
    path(f"{_settings}tokens/new/", token_views.api_token_new, name="api_token_new"),
    path(f"{_settings}tokens/<int:token_id>/", token_views.api_token_end, name="api_token_end"),
    path(f"{_settings}audit/", security_views.audit, name="audit"),
    path(f"{_settings}audit/audit.csv", security_views.audit_csv, name="audit_csv"),
    path(f"{_settings}visit/leave/", visit_views.visit_leave, name="visit_leave"),
    path(f"{_settings}tenants/", views.tenants, name="tenants"),
    path(f"{_settings}tenants/new/", views.tenant_new, name="tenant_new"),
    path(f"{_settings}tenants/<int:tenant_id>/", views.tenant_members, name="tenant_members"),
    path(
        f"{_settings}tenants/<int:tenant_id>/members/<int:membership_id>/help/",
        helping_views.tenant_member_help,
        name="tenant_member_help",
    ),
    path(
        f"{_settings}tenants/<int:tenant_id>/enter/", visit_views.tenant_enter, name="tenant_enter"
    ),
]
