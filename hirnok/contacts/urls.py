"""Addresses of the contacts pages."""

from django.urls import URLPattern, path

from hirnok.contacts.views import contacts, exports, imports, lists, steps

app_name = "contacts"
_tenant = "<slug:tenant>/"
_import = f"{_tenant}imports/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path(f"{_tenant}contacts/", contacts.contacts, name="contacts"),
    path(f"{_tenant}contacts/export.csv", exports.export_csv, name="export_csv"),
    path(f"{_tenant}contacts/export.xlsx", exports.export_xlsx, name="export_xlsx"),
    path(f"{_tenant}contacts/add/", contacts.add_contact, name="add_contact"),
    path(f"{_tenant}contacts/<int:pk>/", contacts.contact, name="contact"),
    path(f"{_tenant}contacts/<int:pk>/edit/", contacts.edit_contact, name="edit_contact"),
    path(f"{_tenant}contacts/<int:pk>/why/", contacts.why_contact, name="why_contact"),
    path(f"{_tenant}contacts/<int:pk>/erase/", contacts.erase_contact, name="erase_contact"),
    path(f"{_tenant}lists/", lists.lists, name="lists"),
    path(f"{_tenant}lists/new/", lists.new_list, name="new_list"),
    path(f"{_tenant}lists/<int:pk>/", lists.list_page, name="list"),
    path(f"{_tenant}lists/<int:pk>/archive/", lists.archive_list, name="archive_list"),
    path(f"{_tenant}fields/", lists.fields, name="fields"),
    path(f"{_tenant}fields/new/", lists.new_field, name="new_field"),
    path(f"{_tenant}fields/<int:pk>/", lists.edit_field, name="edit_field"),
    path(f"{_tenant}fields/<int:pk>/delete/", lists.delete_field, name="delete_field"),
    path(f"{_tenant}tags/", lists.tags, name="tags"),
    path(f"{_tenant}tags/new/", lists.new_tag, name="new_tag"),
    path(f"{_tenant}tags/<int:pk>/", lists.edit_tag, name="edit_tag"),
    path(f"{_tenant}tags/<int:pk>/delete/", lists.delete_tag, name="delete_tag"),
    path(f"{_tenant}imports/", imports.imports, name="imports"),
    path(f"{_tenant}imports/new/", steps.import_upload, name="import_upload"),
    path(f"{_import}file/", steps.import_file, name="import_file"),
    path(f"{_import}columns/", steps.import_columns, name="import_columns"),
    path(f"{_import}origin/", steps.import_origin, name="import_origin"),
    path(f"{_import}check/", steps.import_check, name="import_check"),
    path(f"{_import}progress/", imports.import_progress, name="import_progress"),
    path(f"{_import}poll/", imports.import_poll, name="import_poll"),
    path(f"{_import}cancel/", imports.import_cancel, name="import_cancel"),
    path(f"{_import}result/", imports.import_result, name="import_result"),
    path(f"{_import}rejected.csv", imports.import_rejected, name="import_rejected"),
]
