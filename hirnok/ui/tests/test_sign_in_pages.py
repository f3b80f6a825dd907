"""The pages of signing in, in our frame; what they do is allauth's."""

import pytest
from django.test import Client
from django.urls import reverse


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("account_login", "Sign in"),
        ("account_reset_password", "Forgot the password"),
        ("account_reset_password_done", "Look into your mailbox"),
        ("account_reset_password_from_key_done", "The password is set"),
    ],
)
def test_it_has_the_look_of_the_other_pages(
    client: Client, db: None, name: str, heading: str
) -> None:
    page = client.get(reverse(name)).content.decode()
    assert f"<h1>{heading}</h1>" in page
    assert "app.css" in page


def test_it_says_that_a_link_is_too_old(client: Client, db: None) -> None:
    address = reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "2-3"})
    assert "Ask for a new link" in client.get(address).content.decode()


def test_it_names_what_is_wrong_and_keeps_the_address(client: Client, db: None) -> None:
    page = client.post(reverse("account_login"), {"login": "anna@example.com"}).content.decode()
    assert 'value="anna@example.com"' in page
    assert 'href="#id_password"' in page


def test_it_keeps_where_the_person_wanted_to_go(client: Client, db: None) -> None:
    page = client.get(reverse("account_login") + "?next=/alma/").content.decode()
    assert '<input type="hidden" name="next" value="/alma/">' in page
