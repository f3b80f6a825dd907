from django.test import Client

from hirnok.tenants.models import Image
from tests.world import NOON, World


def _picture(world: World, content_type: str = "image/png") -> Image:
    return Image.objects.create(
        tenant=world.alma,
        token="t0ken",
        name="a.png",
        alternative_text="Apples",
        content_type=content_type,
        data=b"\x89PNG",
        size=4,
        width=1,
        height=1,
        uploaded_at=NOON,
    )


def test_it_serves_a_picture_to_anybody_who_has_its_link(world: World) -> None:
    _picture(world)

    answer = Client().get("/m/t0ken")

    assert (answer.status_code, answer.content) == (200, b"\x89PNG")
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not answer.cookies


def test_it_serves_nothing_that_is_no_picture(world: World) -> None:
    _picture(world, "text/html")

    assert Client().get("/m/t0ken").status_code == 404


def test_it_knows_no_other_token(world: World) -> None:
    assert Client().get("/m/nothing").status_code == 404
