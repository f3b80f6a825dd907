"""Addresses that strangers may open: leaving, and the pictures of newsletters."""

from django.urls import path

from hirnok.consent import views

app_name = "consent"
urlpatterns = [
    path("u/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("m/<str:token>", views.image, name="image"),
]
