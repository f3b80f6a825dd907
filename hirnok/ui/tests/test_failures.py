import logging
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import ResolverMatch
from django.utils.translation import override

from hirnok.ui import failures
from tests.world import World


def test_it_gives_a_reference_that_the_log_has_too(
    rf: RequestFactory, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "hirnok"):
        try:
            raise RuntimeError("the disk is full")
        except RuntimeError:
            response = failures.server_error(rf.get("/kovacs/contacts/"))
    assert response.status_code == 500
    shown = response.content.decode()
    reference = re.search(r"<code>(\w{8})</code>", shown)
    assert reference
    assert reference[1] in caplog.text
    assert "the disk is full" in caplog.text
    assert "the disk is full" not in shown


@pytest.mark.parametrize(
    ("page", "status"),
    [
        (failures.bad_request, 400),
        (failures.forbidden, 403),
        (failures.csrf_failure, 403),
        (failures.not_found, 404),
        (failures.server_error, 500),
    ],
)
def test_it_says_what_to_do_next_without_the_database(
    rf: RequestFactory, page: object, status: int
) -> None:
    assert callable(page)
    response = page(rf.get("/")) if status == 500 else page(rf.get("/"), Exception())
    assert response.status_code == status
    assert "<h1>" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "url", "status", "says"),
    [
        ("get", "/alma/%00", 400, "could not be read"),
        ("get", "/alma/settings/tenants/", 403, "Your role does not include"),
        ("get", "/barack/", 404, "no such page"),
        ("get", "/nowhere/at/all/", 404, "no such page"),
        ("get", "/account/sessions/end/", 405, "shows nothing by itself"),
        ("put", "/f/x/", 405, "shows nothing by itself"),
    ],
)
def test_each_comes_as_a_page(world: World, method: str, url: str, status: int, says: str) -> None:
    client = world.client(world.anna)
    client.raise_request_exception = False
    answer = getattr(client, method)(url)
    assert answer.status_code == status
    assert says in answer.text
    assert 'id="main"' in answer.text
    assert (answer.get("Allow") is not None) == (status == 405)


@pytest.mark.django_db
def test_what_is_too_large_is_told_as_that(world: World, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = world.client(world.anna).post("/alma/settings/brands/new/", {"name": "x" * 200})
    assert answer.status_code == 413
    assert "larger than a form may be" in answer.text


@pytest.mark.django_db
def test_a_form_without_its_token_is_told_as_that(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/account/sign-in/", {"login": "anna@hirnok.example"})
    assert answer.status_code == 403
    assert "send the form once more" in answer.text


@pytest.mark.django_db
def test_too_many_attempts_are_told_as_that(world: World) -> None:
    form = {"email": "anna@hirnok.example"}
    answers = [Client().post("/account/password/reset/", form) for _ in range(21)]
    assert answers[-1].status_code == 429
    assert "Wait a few minutes" in answers[-1].text


@pytest.mark.parametrize("language", ["hu", "ro"])
def test_they_speak_the_language_of_the_page(rf: RequestFactory, language: str) -> None:
    with override(language):
        pages = [
            failures.bad_request(rf.get("/")),
            failures.not_allowed(rf.get("/")),
            failures.too_large(rf.get("/")),
            failures.too_many(rf.get("/")),
        ]
    for page in pages:
        assert f'lang="{language}"' in page.text
        assert not re.search("The request|shows nothing|larger than|Wait a few", page.text)


def test_readers_get_them_in_the_frame_of_public_pages(rf: RequestFactory) -> None:
    @failures.for_readers
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    request = rf.get("/f/x/")
    request.resolver_match = ResolverMatch(view, (), {})
    assert "public.css" in failures.not_found(request).text
    request.brand = SimpleNamespace(name="Alma", logo_url="", accent="")  # type: ignore[attr-defined]
    assert "Alma" in failures.server_error(request).text
