"""Draw the icons: an eye at rest. Run from extension/ with Pillow: `python tools/make_icons.py`."""

import math

from PIL import Image, ImageDraw

# Drawn large and reduced: ImageDraw does not smooth edges.
SIDE = 1024
BLUE = (74, 111, 156, 255)
WHITE = (255, 255, 255, 255)

# Pixels of the icon: width of a stroke, of SIDE; whether there are lashes; margin, of SIDE. Lashes would melt
# into one another in the smallest; stores and the browser's own pages ask for a margin around the largest.
SIZES = {16: (130, False, 0), 32: (80, True, 0), 48: (72, True, 0), 128: (64, True, 128)}


def icon(stroke: int, lashes: bool, margin: int) -> Image.Image:
    """Return an icon of SIDE x SIDE pixels."""
    drawn = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(drawn)
    draw.rounded_rectangle((0, 0, SIDE - 1, SIDE - 1), radius=230, fill=BLUE)
    middle, radius = (512, 250 if lashes else 330), 350
    lid = [point(middle, radius, angle) for angle in range(16, 165)]
    pen(draw, lid, stroke)
    if lashes:
        for angle in (52, 90, 128):
            pen(draw, [point(middle, radius, angle), point(middle, radius + 180, angle)], stroke)
    if not margin:
        return drawn
    padded = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    padded.paste(drawn.resize((SIDE - 2 * margin,) * 2, Image.Resampling.LANCZOS), (margin, margin))
    return padded


def point(middle: tuple[int, int], radius: int, degrees: float) -> tuple[float, float]:
    """Return the point of a circle at an angle, clockwise from the right."""
    turn = math.radians(degrees)
    return middle[0] + radius * math.cos(turn), middle[1] + radius * math.sin(turn)


def pen(draw: ImageDraw.ImageDraw, line: list[tuple[float, float]], stroke: int) -> None:
    """Draw a line with round ends."""
    draw.line(line, fill=WHITE, width=stroke, joint="curve")
    for x, y in (line[0], line[-1]):
        draw.circle((x, y), stroke / 2, fill=WHITE)


for side, look in SIZES.items():
    icon(*look).resize((side, side), Image.Resampling.LANCZOS).save(f"public/icons/{side}.png", optimize=True)
