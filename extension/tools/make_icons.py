"""Draw the icons: an eye at rest. Run from extension/ with Pillow: `python tools/make_icons.py`."""

from PIL import Image, ImageDraw

# Drawn four times as large and reduced: ImageDraw does not smooth edges.
SIDE = 512

icon = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
draw = ImageDraw.Draw(icon)
draw.rounded_rectangle((16, 16, 496, 496), radius=112, fill=(124, 154, 190, 255))
draw.arc((112, 60, 400, 330), start=25, end=155, fill=(255, 255, 255, 255), width=36)
for x, y, dx, dy in ((150, 312, -34, 44), (256, 350, 0, 56), (362, 312, 34, 44)):
    draw.line((x, y, x + dx, y + dy), fill=(255, 255, 255, 255), width=32)
for side in (16, 32, 48, 128):
    icon.resize((side, side), Image.Resampling.LANCZOS).save(f"public/icons/{side}.png", optimize=True)
