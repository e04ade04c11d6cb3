"""Many drawings on one page, for people to look at."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from synthetic.drawing import Drawing

TILE, CAPTION = 160, 14


def contact_sheet(drawings: Sequence[Drawing], columns: int = 8) -> Image.Image:
    """The drawings in rows, each fitted into a square with its class (+ or -) and kind written below."""
    rows = -(-len(drawings) // columns)
    sheet = Image.new("RGB", (columns * TILE, max(1, rows) * (TILE + CAPTION)), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(10)
    for place, drawing in enumerate(drawings):
        x, y = place % columns * TILE, place // columns * (TILE + CAPTION)
        picture = Image.fromarray(drawing.pixels)
        picture.thumbnail((TILE - 4, TILE - 4))
        sheet.paste(picture, (x + (TILE - picture.width) // 2, y + (TILE - picture.height) // 2))
        pen.text((x + 4, y + TILE), f"{'+' if drawing.positive else '-'} {drawing.kind}", fill="black", font=font)
    return sheet
