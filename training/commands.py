"""``flinch snapshot``, ``weights``, ``train`` and ``evaluate``: the doors of the training stage."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from store.options import concept_option, json_option, open_concept

if TYPE_CHECKING:
    from inference.bundle import Bundle
    from store.config import Concept
    from store.database import Store

# Pictures under attack for a concept whose trainings attack none.
ATTACKED = 100


@click.command()
@concept_option
@click.option(
    "--popular",
    is_flag=True,
    help="Freeze the popular test set first, once and for all (of crawled listings with votes).",
)
@json_option
def snapshot(name: str, popular: bool, as_json: bool) -> None:
    """Freeze the current labels into a manifest with a hash.

    \b
    Examples:
      flinch snapshot
      flinch snapshot --json | jq .counts
    """
    from training.popular import freeze_popular
    from training.snapshot import freeze, lines_of

    concept, store = open_concept(name)
    with store.session() as session:
        if popular:
            freeze_popular(session, concept, store.home.snapshots)
        frozen = freeze(session, concept, store.home.snapshots)
    if as_json:
        facts = {
            "id": frozen.id,
            "path": str(frozen.path),
            "counts": frozen.counts(),
            "left_out": dict(frozen.left_out),
        }
        click.echo(json.dumps(facts))
        return
    click.echo("\n".join([*lines_of(frozen), f"manifest {frozen.path}"]))


@click.command()
@concept_option
def weights(name: str) -> None:
    """Fetch the ImageNet weights of the concept and of its teachers, so that later trainings need no network.

    \b
    Examples:
      flinch weights
    """
    from store.config import load_config
    from store.errors import WeightsError
    from store.home import Home
    from training.job import fetch_for, recipe_of_teacher

    recipe = load_config(name).train
    home = Home.from_environment()
    home.prepare()
    networks = [recipe, *(recipe_of_teacher(recipe, teacher) for teacher in recipe.distill.teachers)]
    refusals = []
    for network in networks:
        try:
            found = fetch_for(network, home)
        except WeightsError as error:
            refusals.append(str(error))
        else:
            click.echo(f"weights  {network.backbone} {network.alpha}  {found or 'starts from random ones'}")
    if refusals:
        raise WeightsError("; ".join(refusals))


@click.command()
@concept_option
@click.option("--preset", help="A recipe of configs/presets: mobilenet, nsfw_model, open_nsfw or warm_start.")
@click.option("--backbone", help="Another network than the concept's, e.g. mobilenet_v2.")
@click.option("--alpha", type=float, help="Its width.")
@click.option("--cut", help="The block that a shallow network ends with.")
@click.option("--input-size", type=int, help="Pixels a side, a multiple of 8.")
@click.option("--unfreeze-from", help="The first layer that is fine-tuned.")
@click.option("--epochs", "fine_tune_epochs", type=click.IntRange(0, 200), help="Fine-tuning epochs at most.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Another seed.")
@click.option(
    "--warm-start",
    type=click.Path(path_type=Path),
    help="A bundle to start from instead of ImageNet weights, such as the released one.",
)
@click.option("--wandb", is_flag=True, help="Send the numbers of every epoch to Weights & Biases (extra `track`).")
@click.option("--fresh", is_flag=True, help="Train anew even if nothing has changed since the last run.")
@click.option(
    "--extension",
    type=click.Path(path_type=Path),
    default=Path(__file__).resolve().parent.parent / "extension" / "dist",
    help="The built extension that gets the model.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout at the end.")
def train(
    name: str, warm_start: Path | None, wandb: bool, fresh: bool, extension: Path, as_json: bool, **recipe: Any
) -> None:
    """Snapshot, fit, evaluate, export, parity gate, report.

    A killed training is resumed by the same command; one that has nothing new to learn from is not repeated.

    \b
    Examples:
      flinch train
      flinch train --preset nsfw_model
      flinch train --backbone mobilenet_v2 --cut block_12 --unfreeze-from block_3_expand
      flinch train --fresh --epochs 2
      flinch train --preset warm_start --warm-start extension/model --seed 5
      WANDB_MODE=offline flinch train --wandb
    """
    from store.config import with_recipe
    from training.run import train as run_training
    from training.summary import as_json_object, table

    concept, store = open_concept(name)
    concept = with_recipe(concept, {key: value for key, value in recipe.items() if value is not None})
    if wandb:
        concept = concept.model_copy(update={"track": concept.track.model_copy(update={"wandb": True})})

    def say(line: str) -> None:
        click.echo(line, err=True)

    outcome = run_training(store, concept, extension, warm_start=warm_start, fresh=fresh, say=say)
    click.echo(json.dumps(as_json_object(outcome)) if as_json else table(outcome))


@click.command()
@concept_option
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--bundle", type=click.Path(path_type=Path), help="Its folder, or a run's name; default: the newest.")
@click.option("--split", help="Of the newest snapshot, when there is no FOLDER.  [default: test]")
@click.option("--slices", is_flag=True, help="Also by source, kind, size, hard negatives, agreement.")
@click.option(
    "--stress", is_flag=True, help="Also on the split spoilt: grey, dark, blurred, small, JPEG, cropped, pasted."
)
@click.option("--adversarial", is_flag=True, help="Also under attack: FGSM, PGD, pixels to flip (minutes).")
@click.option("--contract", help="Also the threshold that keeps it on FOLDER: 'precision >= 0.97', 'fnr <= 0.1'.")
@json_option
def evaluate(
    name: str, folder: Path | None, bundle: Path | None, as_json: bool, contract: str | None, **wishes: Any
) -> None:
    """Score a labelled FOLDER (one subfolder a class) with a bundle, or a split of the newest snapshot.

    \b
    Examples:
      flinch evaluate photos/
      flinch evaluate photos/ --bundle extension/model
      flinch evaluate photos/ --contract "precision >= 0.97"
      flinch evaluate --bundle .flinch/bundles/NAME --json photos/ | jq .recall_at_fpr
      flinch evaluate --split ood --slices --stress
    """
    if folder is not None and any(wishes.values()):
        raise click.UsageError("--split, --slices, --stress and --adversarial are of the store: leave FOLDER out")
    if folder is None and contract is not None:
        raise click.UsageError("--contract chooses a threshold on your own pictures: name their FOLDER")
    if folder is None:
        _evaluate_snapshot(name, bundle, as_json, **wishes)
    else:
        _evaluate_folder(name, folder, bundle, as_json, contract)


def _evaluate_folder(name: str, folder: Path, given: Path | None, as_json: bool, contract: str | None) -> None:
    from inference.bundle import BROWSER, load_bundle
    from training.evaluation.evaluate_folder import evaluate_folder
    from training.evaluation.evaluation_table import folder_lines
    from training.exporting.browser_model import predictor_of

    # Pictures in a folder and a bundle in another need no store.
    known = given if given is not None and given.is_dir() else _chosen(*open_concept(name), given)
    bundle = load_bundle(known, BROWSER)
    found = evaluate_folder(predictor_of(bundle), folder, contract)
    if as_json:
        click.echo(json.dumps(found.as_json() | {"bundle": bundle.id}))
        return
    click.echo("\n".join([_heading(bundle), *folder_lines(found)]).rstrip())


def _evaluate_snapshot(
    name: str, given: Path | None, as_json: bool, split: str | None, adversarial: bool, **wishes: bool
) -> None:
    from inference.bundle import BROWSER, load_bundle
    from training.evaluation.evaluate_snapshot import Wish, evaluate_snapshot
    from training.evaluation.evaluation_table import lines_of

    concept, store = open_concept(name)
    bundle = load_bundle(_chosen(concept, store, given), BROWSER)
    attacked = (concept.evaluate.attacked or ATTACKED) if adversarial else 0
    evaluation = evaluate_snapshot(store, bundle, Wish(split or "test", attacked=attacked, **wishes))
    if as_json:
        click.echo(json.dumps(evaluation.as_json() | {"bundle": bundle.id}))
        return
    click.echo("\n".join([_heading(bundle), *lines_of(evaluation)]))


def _heading(bundle: "Bundle") -> str:
    """Say which bundle was scored, and by what where it holds no more than a browser reads."""
    from inference.bundle import PYTHON

    return f"bundle     {bundle.id}{'' if PYTHON in bundle.files else ' (released: the model of the browser)'}"


def _chosen(concept: "Concept", store: "Store", given: Path | None) -> Path:
    from training.register import chosen_bundle

    return chosen_bundle(store, concept.concept, given)
