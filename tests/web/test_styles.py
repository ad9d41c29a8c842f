"""What the style sheets paint can be read, by day and by night."""

import re
from pathlib import Path

import pytest

from aggregator import web

STATIC = Path(web.__file__).with_name("static")
DARK = "@media (prefers-color-scheme: dark)"
# What browsers paint behind a document that says nothing of it.
CANVASES = ("#ffffff", "#121212")
ENOUGH = 4.5  # WCAG 2.2, 1.4.3


def palettes(sheet: str) -> list[dict[str, str]]:
    """Return the custom properties of a sheet, by day and by night."""
    day, _, night = sheet.partition(DARK)
    bright = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", day))
    return [bright, bright | dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", night))]


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["feed.css", "style.css"])
def test_words_stand_out_from_the_paper_by_day_and_by_night(name: str) -> None:
    for palette, canvas in zip(palettes((STATIC / name).read_text()), CANVASES, strict=True):
        paper = palette.get("paper", canvas)
        told = {ink: contrast(palette[ink], paper) for ink in ("quiet", "link")}
        assert min(told.values()) >= ENOUGH, told


def test_no_colour_is_painted_past_the_two_palettes() -> None:
    for sheet in STATIC.glob("*.css"):
        assert not re.findall(r"^(?!\s*--).*#[0-9a-f]{3,6}\b.*$", sheet.read_text(), re.MULTILINE)
