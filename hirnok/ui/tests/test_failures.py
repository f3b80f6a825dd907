import logging
import re

import pytest
from django.test import RequestFactory

from hirnok.ui import failures


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
