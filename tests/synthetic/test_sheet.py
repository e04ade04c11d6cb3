import numpy as np

import synthetic


def test_a_contact_sheet_has_a_tile_and_a_caption_for_every_drawing():
    drawings = [synthetic.draw(seed) for seed in range(5)]

    sheet = synthetic.contact_sheet(drawings, columns=3)

    assert sheet.width == 3 * 160
    assert sheet.height == 2 * (160 + 14)
    captions = np.asarray(sheet.convert("L"))[160:174]
    assert all((captions[:, 160 * k : 160 * (k + 1)] < 128).any() for k in range(3))


def test_a_sheet_of_nothing_is_an_empty_row():
    sheet = synthetic.contact_sheet([], columns=2)

    assert sheet.size == (320, 174)
    assert sheet.getextrema() == ((255, 255),) * 3
