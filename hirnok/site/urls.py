"""Addresses of what joins the rest."""

from django.urls import path

from hirnok.site import views

app_name = "site"
urlpatterns = [
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
    path("<slug:tenant>/", views.overview, name="overview"),
    path("<slug:tenant>/running/", views.running, name="running"),
    path("<slug:tenant>/search/", views.search, name="search"),
]
