"""Pictures: what they are their content decides; each has its text."""

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pillow

from hirnok.campaigns import inserting
from hirnok.campaigns.tests.drafts import draft
from hirnok.tenants import pictures
from hirnok.tenants.models import Image

if TYPE_CHECKING:
    from django.http import HttpResponse

    from tests.world import World

URL = "/alma/images/"


def file_of(kind: str, size: tuple[int, int] = (4, 3)) -> bytes:
    out = BytesIO()
    Pillow.new("RGB", size, "green").save(out, kind)
    return out.getvalue()


def upload(
    world: "World", data: bytes, name: str = "alma.png", text: str = "Egy alma"
) -> "HttpResponse":
    return world.client(world.mark).post(
        URL, {"file": SimpleUploadedFile(name, data), "alternative_text": text}
    )


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/gif"), ("WEBP", "image/webp")],
)
def test_it_stores_a_picture_by_its_content(world: "World", kind: str, content_type: str) -> None:
    assert upload(world, file_of(kind), name="x.exe").status_code == 302
    image = Image.objects.get()
    assert (image.content_type, image.width, image.height) == (content_type, 4, 3)
    assert (image.alternative_text, image.size) == ("Egy alma", len(file_of(kind)))
    page = world.client(world.mark).get(URL).content.decode()
    assert f"/m/{image.token}" in page
    assert "Pictures take" in page


def test_it_refuses_what_is_no_picture(world: "World") -> None:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"
    for data in (b"MZ" + bytes(100), svg, file_of("PNG")[:40], file_of("BMP")):
        page = upload(world, data).content.decode()
        assert "This file is no JPEG, PNG, GIF or WebP picture" in page
    assert not Image.objects.exists()


def test_it_refuses_what_is_too_large(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 11)
    assert "pixels" in upload(world, file_of("PNG")).content.decode()
    monkeypatch.setattr(pictures, "LARGEST", 10)
    assert "larger than 5 MB" in upload(world, file_of("PNG")).content.decode()
    assert not Image.objects.exists()


def test_it_wants_the_alternative_text(world: "World") -> None:
    response = upload(world, file_of("PNG"), text=" ")
    assert list(response.context["form"].errors) == ["alternative_text"]


def test_it_changes_the_text_and_removes_the_picture(world: "World") -> None:
    upload(world, file_of("PNG"))
    image = Image.objects.get()
    client = world.client(world.mark)
    assert client.get(f"{URL}{image.pk}/").status_code == 200
    client.post(f"{URL}{image.pk}/", {"alternative_text": "Piros alma"})
    assert Image.objects.get().alternative_text == "Piros alma"
    campaign = draft(world, body=f"![x](http://x.example/m/{image.token})", status="sent")
    assert client.get(f"{URL}{image.pk}/delete/").status_code == 200
    kept = client.post(f"{URL}{image.pk}/delete/", follow=True).content.decode()
    assert "so it stays" in kept
    campaign.delete()
    client.post(f"{URL}{image.pk}/delete/")
    assert not Image.objects.exists()


def test_it_is_placed_in_each_language(world: "World") -> None:
    upload(world, file_of("PNG", (1200, 3)), text='Egy "[alma]"')
    image = Image.objects.get()
    base = "https://alma.example"
    assert (
        inserting.picture(image, "markdown", base)
        == f'![Egy "\\[alma\\]"](https://alma.example/m/{image.token})'
    )
    assert 'alt="Egy &quot;[alma]&quot;" width="600"' in inserting.picture(image, "html", base)
    assert "<mj-image" in inserting.picture(image, "mjml", base)
    page = world.client(world.mark).get(f"/alma/campaigns/{draft(world).pk}/edit/").content
    assert f"/m/{image.token})".encode() in page


def test_it_needs_a_marketer(world: "World") -> None:
    assert world.client(world.vera).get(URL).status_code == 403
    assert world.client(world.bela).get(URL).status_code == 404
