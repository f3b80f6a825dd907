"""Addresses of the gallery of components (404 unless `DEBUG`)."""

from django.urls import path

from hirnok.ui import views

app_name = "ui"
urlpatterns = [
    path("gallery/", views.gallery, name="gallery"),
    path("gallery/<slug:page>/", views.gallery, name="gallery_page"),
]
