"""A tenant's or brand's colour, made readable: the accent as text and as button, light and dark.

Contrast after WCAG 2.2 §1.4.3: 4.5 : 1 against the surfaces of app.css and public.css. Pure.
"""

import re

CONTRAST = 4.6
LIGHT_SURFACE = (0xF2, 0xF4, 0xF7)
DARK_SURFACE = (0x24, 0x2A, 0x33)

Rgb = tuple[int, int, int]


def accents(colour: str | None) -> tuple[str, str] | None:
    """Return the colour for light and for dark pages as #rrggbb, None when it is no colour."""
    rgb = _parsed(colour or "")
    if rgb is None:
        return None
    return _hex(_moved(rgb, LIGHT_SURFACE, 0)), _hex(_moved(rgb, DARK_SURFACE, 255))


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two sRGB colours, 1…21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _parsed(colour: str) -> Rgb | None:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        return None
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _moved(rgb: Rgb, surface: Rgb, goal: int) -> Rgb:
    """Mix `rgb` step by step with black (0) or white (255) until it is readable on `surface`."""
    for step in range(21):
        mixed = tuple(round(part + (goal - part) * step / 20) for part in rgb)
        found: Rgb = (mixed[0], mixed[1], mixed[2])
        if contrast(found, surface) >= CONTRAST:
            return found
    return (goal, goal, goal)


def _hex(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
