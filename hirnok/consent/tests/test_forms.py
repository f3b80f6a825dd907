"""The room of forms."""

import html

import pytest

from hirnok.consent.models import ConsentText, Form, FormText
from hirnok.consent.tests.forms import form_of
from hirnok.tenants.models import AuditEntry
from tests.world import World

FILLED = {
    "name": "Honlap",
    "ask_first_name": "obligatory",
    "ask_last_name": "not",
    "languages": ["hu", "en"],
}


def test_it_teaches_what_a_form_is_and_lists_those_there_are(world: World) -> None:
    client = world.client(world.mark)
    assert "No forms yet" in client.get("/alma/forms/").content.decode()

    form_of(world.alma_list)
    assert "Kert" in client.get("/alma/forms/").content.decode()
    assert "Kert" not in world.client(world.bela).get("/barack/forms/").content.decode()


def test_a_form_is_made_with_words_in_each_language(world: World) -> None:
    page = world.client(world.mark).post(
        "/alma/forms/new/", FILLED | {"list": world.alma_list.pk}, follow=True
    )

    form = Form.objects.get()
    assert (form.name, form.fields, form.list_id) == (
        "Honlap",
        {"first_name": True},
        world.alma_list.pk,
    )
    assert set(FormText.objects.values_list("language", flat=True)) == {"hu", "en"}
    text = ConsentText.objects.get(language="hu")
    assert text.written_by == f"user:{world.mark.pk}" and len(text.hash) == 64
    shown = html.unescape(page.content.decode())
    assert f'/f/{form.token}/?language=hu" method="post">' in shown
    assert AuditEntry.objects.filter(action="form.create").exists()


@pytest.mark.parametrize("path", ["new/", "{pk}/edit/", "{pk}/texts/hu/", "{pk}/close/"])
def test_a_viewer_changes_nothing(world: World, path: str) -> None:
    form = form_of(world.alma_list)

    url = f"/alma/forms/{path.format(pk=form.pk)}"

    assert world.client(world.vera).post(url).status_code == 403
    assert world.client(world.vera).get(f"/alma/forms/{form.pk}/").status_code == 200


def test_a_list_of_another_tenant_is_none_to_choose(world: World) -> None:
    world.client(world.mark).post("/alma/forms/new/", FILLED | {"list": world.barack_list.pk})

    assert not Form.objects.exists()


def test_fields_and_languages_are_changed(world: World) -> None:
    form = form_of(world.alma_list, last_name=True)

    world.client(world.mark).post(
        f"/alma/forms/{form.pk}/edit/", FILLED | {"ask_first_name": "optional"}
    )

    form.refresh_from_db()
    assert (form.name, form.fields) == ("Honlap", {"first_name": False})
    assert set(FormText.objects.values_list("language", flat=True)) == {"hu", "en"}
    assert ConsentText.objects.filter(language="ro").exists()  # what was agreed to stays


def test_a_name_is_taken_once(world: World) -> None:
    form_of(world.alma_list, name="Honlap")

    page = world.client(world.mark).post("/alma/forms/new/", FILLED | {"list": world.alma_list.pk})

    assert "There is a form of this name already." in page.content.decode()


def test_other_words_beside_the_box_are_a_new_version(world: World) -> None:
    form = form_of(world.alma_list)
    url = f"/alma/forms/{form.pk}/texts/hu/"
    client = world.client(world.mark)

    for subject in ("Kérem", "Kérjük"):  # other texts make no version
        client.post(url, {"consent": "Kérem a hírlevelet.", "confirm_subject": subject})

    rows = ConsentText.objects.filter(language="hu").order_by("version")
    assert [row.version for row in rows] == [1, 2]
    assert (rows[1].text, rows[1].covers_welcome) == ("Kérem a hírlevelet.", False)
    preview = client.get(f"/alma/forms/{form.pk}/preview/hu/").content.decode()
    assert "Kérjük" in preview and "None is sent" in preview
    assert client.get(f"/alma/forms/{form.pk}/texts/en/").status_code == 404


def test_it_is_closed_and_opened_again(world: World) -> None:
    form = form_of(world.alma_list)
    client = world.client(world.mark)

    for closed in (True, False):
        client.post(f"/alma/forms/{form.pk}/close/")
        form.refresh_from_db()
        assert (form.closed_at is not None) == closed
