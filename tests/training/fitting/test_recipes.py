"""A recipe fits a network from its head to its last epoch, with all that it augments and decays, or is refused."""

import keras
import numpy as np
import pytest
from PIL import Image

import synthetic
from inference.preprocess import stretch
from store.config import HeadConfig, TrainConfig
from store.errors import ConfigError
from store.progress import track
from training.fitting.fine_tune import fine_tune, seed_everything
from training.fitting.head import fit_head
from training.fitting.lessons import Lessons, Pictures
from training.networks.backbones import build, embedder, unfreeze_from

SIZE = 32
# As small as a fit can be; everything else is the preset's.
SMALL = {
    "backbone": "tiny",
    "input_size": SIZE,
    "batch_size": 8,
    "head_epochs": 2,
    "unfreeze_from": "auto",
    "fine_tune_epochs": 2,
}


@pytest.fixture(scope="module")
def pictures():
    drawings = [synthetic.draw(seed, positive=seed % 2 == 1) for seed in range(24)]
    pixels = np.stack([stretch(Image.fromarray(drawing.pixels), SIZE) for drawing in drawings])
    return Pictures(pixels, np.arange(24), np.arange(24) % 2, positive=1)


# The third one, mobilenet, does nothing that the default recipe does not.
@pytest.mark.parametrize("preset", ["nsfw_model", "open_nsfw"])
def test_a_preset_fits_a_network(preset, pictures, tmp_path):
    recipe = TrainConfig.model_validate({"preset": preset} | SMALL)
    seed_everything(recipe.seed)
    model = build("tiny", 1.0, SIZE, 2, None, head=recipe.head, seed=recipe.seed)
    unfreeze_from(model, recipe.unfreeze_from)
    embeddings = np.asarray(embedder(model)(pictures.pixels.astype(np.float32)))
    lessons, told = Lessons(pictures, None, None, recipe), []

    fit_head(model, embeddings, lessons, embeddings, pictures, lambda *event: told.append(event))
    first = model.get_layer("stem").get_weights()[0]
    fitted = fine_tune(
        model, lessons, pictures, tmp_path, taught=None, progress=track, tell=lambda *event: told.append(event)
    )

    tuned = [numbers for stage, _, numbers in told if stage == "fine-tune"]
    assert told[0][0] == "head"
    assert len(tuned) == 2
    assert np.isfinite([numbers["loss"] for numbers in tuned]).all()
    # The best one may be that of the head alone.
    last = keras.models.load_model(tmp_path / "epoch-002.keras", compile=False)
    assert not np.array_equal(last.get_layer("stem").get_weights()[0], first)
    answers = np.asarray(fitted(pictures.pixels.astype(np.float32)))
    assert np.allclose(answers.sum(axis=1), 1, atol=1e-5)
    falls = tuned[1]["learning_rate"] < tuned[0]["learning_rate"]
    assert falls == (recipe.decay == "exponential")


def test_a_head_that_diverges_names_its_rate(pictures):
    recipe = TrainConfig.model_validate(
        SMALL | {"head": HeadConfig(hidden=(4,), dropout=(0, 0)), "head_learning_rate": 1e38}
    )
    model = build("tiny", 1.0, SIZE, 2, None, head=recipe.head, seed=recipe.seed)
    embeddings = np.asarray(embedder(model)(pictures.pixels.astype(np.float32)))

    with pytest.raises(ConfigError, match=r"lower train\.head_learning_rate"):
        fit_head(model, embeddings, Lessons(pictures, None, None, recipe), embeddings, pictures, untold)


def test_a_fine_tuning_that_diverges_names_its_rate_and_does_so_again_when_resumed(pictures, tmp_path):
    recipe = TrainConfig.model_validate(SMALL | {"fine_tune_learning_rate": 1e38, "optimizer": "sgd"})
    model = build("tiny", 1.0, SIZE, 2, None, head=recipe.head, seed=recipe.seed)
    unfreeze_from(model, recipe.unfreeze_from)
    lessons = Lessons(pictures, None, None, recipe)

    for _ in range(2):
        with pytest.raises(ConfigError, match=r"lower train\.fine_tune_learning_rate"):
            fine_tune(model, lessons, pictures, tmp_path, taught=None, progress=track, tell=untold)


def untold(*_event):
    """Nobody listens."""
