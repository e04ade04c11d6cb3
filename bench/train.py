"""A full retrain, ours against the plain Keras recipe: the same network, pictures, batches and views.

The plain recipe is GantMan/nsfw_model's (training/mobilenetv2_transfer, inceptionv3_transfer/generators.py), which
people still copy: an `ImageDataGenerator` decodes, turns and shifts every JPEG in every epoch, in four threads,
first under a frozen network with a new head, then with its upper half trained as well. It gets what helps it: Adam
and our learning rates, and ImageNet weights that are on the disk already. Fine-tuning has as many epochs on both
sides; for the head ours needs none (a logistic regression on features that are computed once), and that is part of
what is timed.

Compared is training alone, from files to a fitted network; ours decodes and embeds anew, nothing is cached from
before. Beside it stands the whole way, with the time that Python and TensorFlow take to start: ours then also
imports the pictures, evaluates, exports, passes the gate and writes the report.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
FLINCH = Path(sys.executable).parent / "flinch"
PHOTOGRAPHS = ROOT.parent / "shared" / "data" / "trypophobia"
CLASSES = ("normal", "trypophobia")
SPLITS = ("train", "val", "test")
# Of `flinch -v train`: what lies between files and a fitted network.
STAGES = ("build", "decode", "embed", "head", "fine-tune")
PEER_NAME = "Keras generators (nsfw_model's recipe)"
AIM = 5.0


@dataclass(frozen=True)
class Plan:
    """What both sides do: `pictures` is a folder of splits with the classes below."""

    pictures: str
    size: int
    head_epochs: int
    fine_tune_epochs: int
    unfreeze_from: str = "conv_dw_6"
    batch_size: int = 32
    seed: int = 1


@dataclass(frozen=True)
class Side:
    """What one side took, in seconds, and how well its network tells val apart."""

    training: float
    whole: float
    auc: float


@click.command()
@click.option("--quick", is_flag=True, help="Few small pictures and epochs: does it run, not how fast is it.")
@click.option("--data", type=click.Path(path_type=Path), default=PHOTOGRAPHS, help="Folder of splits with classes.")
@click.option("--peer", "plan", hidden=True, help="The plan of the peer's process, as JSON.")
def main(quick: bool, data: Path, plan: str | None) -> None:
    """Time a retrain of ours and of the plain recipe, one after the other, and print the ratio."""
    if plan is not None:
        click.echo(json.dumps(fit_peer(Plan(**json.loads(plan)))))
        return
    with tempfile.TemporaryDirectory(prefix="flinch-bench-") as folder:
        pictures = gather(data, Path(folder) / "pictures", quick)
        shape = {"size": 96, "head_epochs": 2, "fine_tune_epochs": 1} if quick else {}
        usual = {"size": 160, "head_epochs": 8, "fine_tune_epochs": 4}
        wanted = Plan(pictures=str(pictures), **{**usual, **shape})
        count = len(list((pictures / "train").rglob("*.jpg")))
        click.echo(
            f"{count} training pictures, {wanted.size} px, {wanted.head_epochs} + {wanted.fine_tune_epochs} epochs"
        )
        ours = run_ours(wanted, Path(folder) / "home", quick)
        click.echo(f"ours   training {ours.training:8.1f} s   whole {ours.whole:8.1f} s   val AUC {ours.auc:.4f}")
        peer = run_peer(wanted)
        click.echo(f"peer   training {peer.training:8.1f} s   whole {peer.whole:8.1f} s   val AUC {peer.auc:.4f}")
    results = [result("training, s", ours.training, peer.training, AIM)]
    results.append(result("from a folder to the end of the command, s", ours.whole, peer.whole, None))
    click.echo(f"ratio  training {results[0]['ratio']:8.1f}     whole {results[1]['ratio']:8.1f}")
    click.echo(json.dumps({"bench": "train", "quick": quick, "pictures": count, "results": results}))


def result(measure: str, ours: float, peer: float, aim: float | None) -> dict[str, object]:
    """Return one line of the results; the ratio says how many times faster ours is."""
    numbers = {"ours": round(ours, 2), "peer": round(peer, 2), "ratio": round(peer / ours, 2)}
    return {"measure": measure, **numbers, "peer_name": PEER_NAME, "aim": aim}


def gather(data: Path, folder: Path, quick: bool) -> Path:
    """Return a folder of splits with a folder a class: the photographs, some of them, or drawn ones."""
    if not data.is_dir():
        click.echo(f"{data} is not there: drawn pictures stand in for photographs")
        draw_pictures(
            folder, {"train": 60, "val": 20, "test": 20} if quick else {"train": 2000, "val": 400, "test": 400}
        )
        return folder
    for split in SPLITS:
        for name in CLASSES:
            files = sorted((data / split / name).glob("*.jpg"))
            (folder / split / name).mkdir(parents=True)
            for file in files[:: max(1, len(files) // 12)] if quick else files:
                shutil.copy(file, folder / split / name)
    return folder


def draw_pictures(folder: Path, counts: dict[str, int]) -> None:
    """Draw JPEG files, half of them positive."""
    from PIL import Image

    from synthetic import draw

    seed = 0
    for split, count in counts.items():
        for name in CLASSES:
            (folder / split / name).mkdir(parents=True)
        for _ in range(count):
            picture = Image.fromarray(draw(seed, positive=seed % 2 == 1).pixels).convert("RGB")
            picture.save(folder / split / CLASSES[seed % 2] / f"{seed}.jpg", quality=90)
            seed += 1


def run_ours(plan: Plan, home: Path, quick: bool) -> Side:
    """Import and train with the real commands in a home of their own."""
    lend_weights(home)
    concept = home / "concept.toml"
    concept.write_text(concept_of(plan, quick), encoding="utf-8")
    environment = {**os.environ, "FLINCH_HOME": str(home), "FLINCH_DATABASE_URL": ""}
    begun = time.perf_counter()
    run([str(FLINCH), "import", plan.pictures, "--concept", str(concept)], environment)
    # A folder that is no extension: nothing is installed.
    trained = run(
        [str(FLINCH), "-v", "train", "--concept", str(concept), "--extension", str(home), "--json"], environment
    )
    whole = time.perf_counter() - begun
    seconds = dict(re.findall(r"stage done name=(\S+) seconds=([\d.]+)", trained.stderr))
    auc = json.loads(trained.stdout.splitlines()[-1])["metrics"]["val"]["auc"]
    return Side(sum(float(seconds[stage]) for stage in STAGES), whole, auc)


def run_peer(plan: Plan) -> Side:
    """Train the plain recipe in a process of its own."""
    begun = time.perf_counter()
    done = run(
        [sys.executable, str(Path(__file__).resolve()), "--peer", json.dumps(asdict(plan))], dict(os.environ)
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return Side(found["seconds"], time.perf_counter() - begun, found["auc"])


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; what it said when it failed is shown."""
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{' '.join(command[:3])} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done


def lend_weights(home: Path) -> None:
    """Copy the pretrained weights that set-up fetched: the network is no part of the race."""
    cache = Path(os.environ.get("FLINCH_HOME") or ROOT / ".flinch") / "cache" / "weights"
    home.mkdir(parents=True)
    if cache.is_dir():
        shutil.copytree(cache, home / "cache" / "weights")


def concept_of(plan: Plan, quick: bool) -> str:
    """Return our side's concept: every epoch is run, and pictures are turned and shifted as the peer's are."""
    assess = "[evaluate]\nstress = false\nattacked = 0\noutliers = false\n" if quick else ""
    return f"""
concept = "trypophobia"
title = "The bench"
classes = ["normal", "trypophobia"]
positive = "trypophobia"
[train]
backbone = "mobilenet_v1"
alpha = 1.0
input_size = {plan.size}
seed = {plan.seed}
batch_size = {plan.batch_size}
head_epochs = {plan.head_epochs}
unfreeze_from = "{plan.unfreeze_from}"
fine_tune_epochs = {plan.fine_tune_epochs}
early_stopping_patience = 1000
reduce_lr_patience = 1000
[train.augment]
flip = true
turn = false
rotate = 30.0
shift = 0.2
shear = 0.2
min_area = 0.64
aspect = 1.0
brightness = 0.0
contrast = 0.0
saturation = 0.0
channel_shift = 20.0
monochrome = 0.0
blur = 0.0
jpeg = 0.0
resize_filter = 0.0
[threshold]
contract = "precision >= 0.8"
{assess}"""


def fit_peer(plan: Plan) -> dict[str, float]:
    """Train the plain recipe in this process and return its seconds, imports left out, and its AUC on val."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf
    from sklearn.metrics import roc_auc_score

    keras.utils.set_random_seed(plan.seed)
    begun = time.perf_counter()
    views = tf.keras.preprocessing.image.ImageDataGenerator(
        rotation_range=30,
        width_shift_range=0.2,
        height_shift_range=0.2,
        shear_range=0.2,
        zoom_range=0.2,
        channel_shift_range=20,
        horizontal_flip=True,
        fill_mode="nearest",
        preprocessing_function=keras.applications.mobilenet.preprocess_input,
    )
    plain = tf.keras.preprocessing.image.ImageDataGenerator(
        preprocessing_function=keras.applications.mobilenet.preprocess_input
    )
    usual = {"target_size": (plan.size, plan.size), "class_mode": "categorical", "batch_size": plan.batch_size}
    train = views.flow_from_directory(str(Path(plan.pictures) / "train"), **usual, seed=plan.seed)
    val = plain.flow_from_directory(str(Path(plan.pictures) / "val"), **usual, shuffle=False)
    for generator in (train, val):
        # As train_fine_tune.py has it; train_initialization.py makes do with none.
        generator.workers = 4
    model = peer_network(plan)
    with tempfile.TemporaryDirectory() as folder:
        best = keras.callbacks.ModelCheckpoint(f"{folder}/best.keras", monitor="val_accuracy", save_best_only=True)
        for rate, epochs, first in (
            (1e-3, plan.head_epochs, "head"),
            (2e-5, plan.fine_tune_epochs, plan.unfreeze_from),
        ):
            names = [layer.name for layer in model.layers]
            for number, layer in enumerate(model.layers):
                layer.trainable = number >= names.index(first)
            model.compile(keras.optimizers.Adam(rate), "categorical_crossentropy", metrics=["accuracy"])
            model.fit(train, epochs=epochs, validation_data=val, callbacks=[best], verbose=0)
    seconds = time.perf_counter() - begun
    val.reset()
    return {"seconds": seconds, "auc": float(roc_auc_score(val.classes, model.predict(val, verbose=0)[:, 1]))}


def peer_network(plan: Plan) -> "object":
    """Return MobileNet v1 as keras.applications builds it, with ImageNet weights where set-up has fetched them."""
    import keras

    shape = (plan.size, plan.size, 3)
    base = keras.applications.MobileNet(include_top=False, weights=None, input_shape=shape, pooling="avg")
    load_imagenet(base)
    x = keras.layers.Dropout(0.3)(base.output)
    return keras.Model(base.input, keras.layers.Dense(len(CLASSES), activation="softmax", name="head")(x))


def load_imagenet(base: "object") -> None:
    """Give the network the weights that ours begins with, where they are here: BatchNorm as a shift alone."""
    import numpy as np

    from store.errors import WeightsError
    from store.home import Home
    from training.networks.weights import fetch_weights, read_weights

    try:
        weights = read_weights(fetch_weights("mobilenet_v1", 1.0, Home.from_environment(), online={}))
    except WeightsError as error:
        click.echo(f"the peer starts from random weights: {error}", err=True)
        return
    for layer in base.layers:  # type: ignore[attr-defined]
        name = layer.name.removesuffix("_bn")
        found = weights.convolutions.get(name)
        if found is None:
            continue
        if layer.name == name and layer.weights:
            layer.set_weights([found.kernel])
        elif layer.name != name:
            ones = np.ones_like(found.bias)
            layer.set_weights([ones, found.bias, 0 * ones, ones * (1 - layer.epsilon)])


if __name__ == "__main__":
    main()
