"""What a scan may be: PDF, JPEG or PNG, by its content and never by its name; nothing that runs. Pure."""

import hashlib
import io
import warnings

from PIL import Image, UnidentifiedImageError

LARGEST = 10 * 1024 * 1024  # bytes
_MOST_PIXELS = 80_000_000
_PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png"}
# What makes a PDF act by itself, run programs or carry files (ISO 32000-1, 12.6.4, 7.11.4).
_ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA")


class NotAScan(Exception):
    """The file is no PDF, JPEG or PNG, is damaged, or contains something that runs."""


class TooLarge(NotAScan):
    """The file has more bytes, or the picture more dots, than a scan needs."""


def kind_of(data: bytes) -> str:
    """Return the content type of a scan; NotAScan, TooLarge."""
    if len(data) > LARGEST:
        raise TooLarge
    if data[:5] == b"%PDF-":
        return _pdf(data)
    return _picture(data)


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _pdf(data: bytes) -> str:
    if b"%%EOF" not in data[-2048:] or any(word in data for word in _ACTIVE):
        raise NotAScan
    return "application/pdf"


def _picture(data: bytes) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=tuple(_PICTURES)) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise TooLarge
                kind = _PICTURES[picture.format or ""]
                picture.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise TooLarge from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, KeyError) as error:
        raise NotAScan from error
    return kind
