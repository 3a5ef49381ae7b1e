"""The commune's accent colour: readable shades of it for both themes (WCAG 2.1 contrast)."""

import colorsys
import re
from dataclasses import dataclass
from functools import cache

WHITE, PAPER, INK, NIGHT = (255, 255, 255), (250, 249, 246), (27, 31, 59), (20, 22, 33)
TEXT_CONTRAST = 4.5
Colour = tuple[int, int, int]


def parse_colour(text: str) -> Colour:
    """Return red, green and blue of ``#RRGGBB``.

    Raises:
        ValueError: the text is not such a colour.
    """
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        msg = f"{text!r} is not a colour like #0F6B5C"
        raise ValueError(msg)
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.1, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def readable_on(colour: Colour, background: Colour, step: float) -> Colour:
    """Lighten (``step`` > 0) or darken the colour until text in it is readable on the background."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    while contrast(colour, background) < TEXT_CONTRAST and 0 < lightness + step < 1:
        lightness += step
        red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
        colour = (round(red * 255), round(green * 255), round(blue * 255))
    return colour


@dataclass(frozen=True, slots=True)
class Shades:
    """An accent that can be read: on our light backgrounds (white on it), and on the dark ones (``on_dark`` on it)."""

    light: str
    dark: str
    on_dark: str


@cache
def shades(accent: str) -> Shades:
    """Return the readable shades of a commune's accent."""
    base = parse_colour(accent)
    light = readable_on(readable_on(base, PAPER, -0.02), WHITE, -0.02)
    dark = readable_on(base, NIGHT, 0.02)
    on_dark = NIGHT if contrast(NIGHT, dark) >= contrast(WHITE, dark) else WHITE
    return Shades(_hex(light), _hex(dark), _hex(on_dark))


def theme_css(accent: str) -> str:
    """Return the custom properties ``--accent`` and ``--on-accent`` for the light and dark themes."""
    found = shades(accent)
    return (
        f":root{{--accent:{found.light};--on-accent:#ffffff}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--accent:{found.dark};--on-accent:{found.on_dark}}}}}\n"
    )


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
