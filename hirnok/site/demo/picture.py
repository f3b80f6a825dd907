"""The picture of the demo's newsletter: a November garden, drawn from the palette of its season. Pure."""

import math
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 560  # twice as many pixels as it is shown with
_FINE = 2  # drawn larger and made smaller, for smooth edges


def garden() -> bytes:
    """Return the picture as PNG."""
    canvas = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), "#fbe8cf")
    draw = ImageDraw.Draw(canvas)
    _sky(draw)
    _hill(draw, base=0.62, height=0.10, waves=1.2, shift=0.4, colour="#c9a66b")
    _hill(draw, base=0.72, height=0.09, waves=0.9, shift=2.1, colour="#9b7b3f")
    random = Random(11)  # noqa: S311
    for x, size in ((0.13, 0.30), (0.27, 0.22), (0.74, 0.34), (0.90, 0.24)):
        _tree(draw, random, x, size)
    _hill(draw, base=0.86, height=0.04, waves=0.7, shift=1.0, colour="#5d6b34")
    _bed(draw)
    small = canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    out = BytesIO()
    small.quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _at(x: float, y: float) -> tuple[float, float]:
    return x * WIDTH * _FINE, y * HEIGHT * _FINE


def _sky(draw: ImageDraw.ImageDraw) -> None:
    steps = 24
    for step in range(steps):
        share = step / steps
        colour = tuple(
            round(a + (b - a) * share)
            for a, b in zip((246, 205, 160), (253, 240, 220), strict=True)
        )
        draw.rectangle([_at(0, share * 0.8), _at(1, (share + 1 / steps) * 0.8 + 0.01)], fill=colour)
    x, y = _at(0.52, 0.40)
    radius = 0.13 * HEIGHT * _FINE
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill="#f3a54a")


def _hill(
    draw: ImageDraw.ImageDraw,
    *,
    base: float,
    height: float,
    waves: float,
    shift: float,
    colour: str,
) -> None:
    line = [
        _at(step / 60, base - height * math.sin(shift + waves * math.tau * step / 60))
        for step in range(61)
    ]
    draw.polygon([*line, _at(1, 1), _at(0, 1)], fill=colour)


def _tree(draw: ImageDraw.ImageDraw, random: Random, x: float, size: float) -> None:
    foot, ratio = 0.88, HEIGHT / WIDTH
    draw.polygon(
        [
            _at(x - size * 0.035 * ratio * 2, foot),
            _at(x + size * 0.035 * ratio * 2, foot),
            _at(x + size * 0.01, foot - size),
        ],
        fill="#6b4a2f",
    )
    for _ in range(85):
        angle, away = random.uniform(0, math.tau), random.uniform(0, 1) ** 0.6
        cx = x + math.cos(angle) * away * size * 0.22
        cy = foot - size * 1.15 + math.sin(angle) * away * size * 0.44
        radius = random.uniform(0.06, 0.13) * size
        colour = random.choice(("#b8472b", "#d0662c", "#e08e33", "#c4572a", "#a93f2a"))
        draw.ellipse(
            [_at(cx - radius * ratio, cy - radius), _at(cx + radius * ratio, cy + radius)],
            fill=colour,
        )


def _bed(draw: ImageDraw.ImageDraw) -> None:
    """Earthed-up roses under fir branches, in a row."""
    for number in range(9):
        x = 0.07 + number * 0.1075
        draw.pieslice([_at(x - 0.040, 0.905), _at(x + 0.040, 1.02)], 180, 360, fill="#4a3422")
        for lean in (-0.022, -0.008, 0.008, 0.022):
            draw.line([_at(x, 0.95), _at(x + lean, 0.865)], fill="#2f4a2a", width=7 * _FINE)
