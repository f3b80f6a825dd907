"""The entry point of the tracker's baseline: our settings, the pages of `naive_tracker`, no middleware of ours."""

import os

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application


def application() -> WSGIHandler:
    """Return the application that granian serves."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hirnok.settings")
    settings.ROOT_URLCONF = "hirnok.bench.naive_tracker"
    settings.MIDDLEWARE = [
        "django.middleware.common.CommonMiddleware",
        "allauth.account.middleware.AccountMiddleware",  # which it insists on
    ]
    return get_wsgi_application()
