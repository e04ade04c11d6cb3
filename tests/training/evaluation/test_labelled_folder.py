"""A labelled folder is scored whole: what cannot be read is counted, what cannot be understood is refused."""

from pathlib import Path

import pytest
from PIL import Image

from store.errors import InputError
from tests.fakes.brightness import CLASSES, brightness
from tests.pictures import encoded, jpeg, noise
from training.evaluation.evaluate import measure
from training.evaluation.labelled_folder import labelled_files, score_folder


@pytest.fixture
def predictor(tmp_path):
    return brightness(tmp_path / "bundle")


@pytest.fixture
def folder(tmp_path):
    """Two dark normal pictures, one of them deep down, and three bright positive ones."""
    root = tmp_path / "pictures"
    for place, (name, level) in enumerate(
        (("normal/a.png", 10), ("normal/deep/er/b.png", 20), *((f"trypophobia/{n}.png", 200 + n) for n in range(3)))
    ):
        write(root / name, encoded(Image.new("RGB", (40 + place, 50), (level,) * 3)))
    return root


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def test_every_picture_gets_the_label_of_its_folder_and_the_models_probabilities(predictor, folder):
    scored = score_folder(predictor, folder, CLASSES)

    assert scored.names == (
        "normal/a.png", "normal/deep/er/b.png", "trypophobia/0.png", "trypophobia/1.png", "trypophobia/2.png"
    )  # fmt: skip
    assert scored.labels.tolist() == [0, 0, 1, 1, 1]
    assert scored.probabilities.shape == (5, 2)
    assert measure(scored.labels == 1, scored.probabilities[:, 1], 0.5).auc == 1
    assert scored.skipped == {}


def test_unreadable_files_are_counted_by_reason_and_the_rest_is_scored(predictor, folder):
    write(folder / "normal/notes.jpg", b"shopping list: eggs, bread, coffee beans")
    write(folder / "trypophobia/cut.jpg", jpeg(3)[:900])
    write(folder / "normal/.DS_Store", b"not counted, since nobody put it there")

    scored = score_folder(predictor, folder, CLASSES)

    assert len(scored.names) == 5
    assert scored.skipped == {"not_an_image": 1, "truncated": 1}


def test_more_pictures_than_a_chunk_keep_their_labels(predictor, tmp_path):
    root = tmp_path / "many"
    for number in range(600):
        write(root / CLASSES[number % 2] / f"{number:03}.png", encoded(noise(number, 8, 8)))

    scored = score_folder(predictor, root, CLASSES)

    assert len(scored.names) == len(scored.labels) == len(scored.probabilities) == 600
    assert all(
        CLASSES[label] == name.split("/")[0] for name, label in zip(scored.names, scored.labels, strict=True)
    )


def test_a_class_folder_in_capitals_is_the_class(folder):
    (folder / "normal").rename(folder / "Normal")

    assert sorted(labelled_files(folder, CLASSES).values()) == [0, 0, 1, 1, 1]


def test_a_misspelt_class_is_refused_with_the_nearest_name(predictor, folder):
    (folder / "trypophobia").rename(folder / "trypofobia")

    with pytest.raises(InputError, match=r"trypofobia: is no class \(did you mean 'trypophobia'\?\)"):
        score_folder(predictor, folder, CLASSES)


def test_a_folder_of_splits_is_sent_one_level_down(predictor, folder, tmp_path):
    (tmp_path / "set").mkdir()
    folder.rename(tmp_path / "set" / "test")

    with pytest.raises(InputError, match=r"holds splits, not classes; evaluate one, such as .*/set/test"):
        score_folder(predictor, tmp_path / "set", CLASSES)


@pytest.mark.parametrize(
    ("made", "words"),
    [((), "no such folder"), (("set",), "no class in it"), (("set", "set/normal"), "its class folders are empty")],
)
def test_nothing_to_score_is_said_with_the_layout_that_was_expected(predictor, tmp_path, made, words):
    for name in made:
        (tmp_path / name).mkdir()

    with pytest.raises(InputError, match=words) as refusal:
        score_folder(predictor, tmp_path / "set", CLASSES)

    assert "a subfolder for each class, such as" in str(refusal.value)


def test_a_folder_without_one_readable_picture_is_refused_with_the_reasons(predictor, tmp_path):
    write(tmp_path / "set/normal/a.jpg", b"words")

    with pytest.raises(InputError, match=r"none of its 1 files is a picture that can be read \(1 not_an_image\)"):
        score_folder(predictor, tmp_path / "set", CLASSES)
