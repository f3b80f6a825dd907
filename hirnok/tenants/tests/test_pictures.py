"""What is kept of a picture: its content decides what it is, and nothing of the camera stays."""

from io import BytesIO

import pytest
from PIL import Image as Pillow

from hirnok.tenants import pictures
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from tests.world import NOON


def test_it_turns_a_photograph_upright_and_forgets_the_camera(db: None) -> None:
    tenant = Tenant.objects.create(slug="kert", name="Kert", created_at=NOON)
    written = BytesIO()
    exif = Pillow.Exif()
    exif[0x0112] = 6  # Orientation: turn it right
    exif[0x010F] = "Camera & Co."
    Pillow.new("RGB", (30, 10), "red").save(written, "JPEG", exif=exif)
    assert b"Camera & Co." in written.getvalue()
    with acting_for(tenant):
        image = pictures.upload(
            tenant,
            name="a.jpg",
            data=written.getvalue(),
            alternative_text="kert",
            actor="test",
            at=NOON,
        )
    assert b"Camera & Co." not in image.data
    assert (image.width, image.height) == (10, 30)
    assert image.size == len(image.data)


@pytest.mark.parametrize(
    "data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"%PDF-1.4"]
)
def test_it_is_no_picture(data: bytes) -> None:
    with pytest.raises(pictures.NotAPicture):
        pictures.read(data)
