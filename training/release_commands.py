"""``flinch compare`` and ``flinch release``: which network it shall be, and whether readers get it."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from store.options import concept_option, json_option, open_concept


@click.command()
@concept_option
@click.option("--backbones", help="Networks with commas between: NAME[:ALPHA][@SIZE][:CUT]; default: a usual list.")
@click.option("--runs", help="Runs (names or their beginnings) or bundle folders with commas between.")
@click.option("--epochs", type=click.IntRange(0, 200), help="Fine-tuning epochs at most; 0 fits only heads: quick.")
@click.option("--known", is_flag=True, help="List the networks there are, and train nothing.")
@json_option
def compare(
    name: str, backbones: str | None, runs: str | None, epochs: int | None, known: bool, as_json: bool
) -> None:
    """Train networks with one recipe and show accuracy against what each costs, the Pareto front marked.

    Costs are multiplications, parameters, bytes, and milliseconds an image in headless Chromium. The choice goes by
    val. A killed comparison goes on where it was; what cannot be trained or exported is a row with the reason.

    \b
    Examples:
      flinch compare --known
      flinch compare --epochs 0
      flinch compare --backbones mobilenet_v1:1.0@160,mobilenet_v1:1.0@160:conv_pw_11
      flinch compare --runs 5bfd,76cc --json | jq '.rows[] | select(.front)'
    """
    if known:
        _tell_known(as_json)
        return
    from training.releasing.compare import compare as compare_rows
    from training.releasing.compare import rows_of_runs, train_all
    from training.releasing.compare_page import table, write_page
    from training.releasing.contenders import USUAL, parse_contender

    concept, store = open_concept(name)
    words = _words(backbones) or ([] if runs else list(USUAL))
    contenders = [parse_contender(word, concept.train) for word in words]

    def say(line: str) -> None:
        click.echo(line, err=True)

    rows = rows_of_runs(store, _words(runs))
    rows += train_all(store, concept, contenders, epochs, say)
    comparison = compare_rows(store, concept, rows, say)
    written = write_page(comparison, store.home.runs)
    if as_json:
        click.echo(json.dumps(comparison.as_json() | {"page": str(written)}))
        return
    click.echo(table(comparison))
    click.echo(f"page       {written}")


def _tell_known(as_json: bool) -> None:
    """Say of every network what it is, whether it can be exported, and where its first weights come from."""
    from training.networks.backbones import BACKBONES, UNEXPORTABLE, describe

    facts = [describe(name) for name in (*BACKBONES, *UNEXPORTABLE)]
    if as_json:
        click.echo(json.dumps([asdict(fact) for fact in facts]))
        return
    for fact in facts:
        widths = " ".join(map(str, fact.widths))
        size = f"{fact.parameters / 1e6:.2f} M" if fact.parameters else "-"
        says = fact.weights if fact.exportable else f"cannot be exported: {fact.why_not}"
        click.echo(f"{fact.name:<20} {size:>8}  {widths:<28} {says}")


def _words(given: str | None) -> list[str]:
    return [word.strip() for word in (given or "").split(",") if word.strip()]


@click.command()
@concept_option
@click.argument("given", metavar="[BUNDLE]", required=False, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Release in spite of the gate; the bundle says so for good.")
@click.option("--dry-run", is_flag=True, help="Ask the gate and change nothing.")
@click.option(
    "--pictures",
    type=click.IntRange(1, 10_000),
    default=200,
    show_default=True,
    help="How many stored pictures Chromium and Python must agree on, decoding included.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(__file__).resolve().parent.parent / "extension" / "model",
    help="The folder of the released model; default: the extension's source.",
)
@json_option
def release(
    name: str, given: Path | None, force: bool, dry_run: bool, pictures: int, into: Path, as_json: bool
) -> None:
    """Make a BUNDLE (a folder or a run's name; default: the newest) the model that the extension's source carries.

    It must answer alike in Keras, SavedModel, Node and Chromium, keep its threshold's contract on val, and be no
    worse than the released model on the frozen test split. A refusal ends with exit code 7 and changes nothing.

    \b
    Examples:
      flinch release --dry-run
      flinch release 0123
      flinch release .flinch/bundles/trypophobia-0123456789abcdef
      flinch release --json | jq .checks
    """
    from inference.bundle import load_bundle
    from store.errors import GateError
    from training.register import chosen_bundle
    from training.releasing.release import release as try_release
    from training.reporting.model_card import FILE as CARD

    concept, store = open_concept(name)
    bundle = load_bundle(chosen_bundle(store, concept.concept, given))
    card = store.home.runs / bundle.id / CARD
    found = try_release(
        store,
        bundle,
        into,
        force=force,
        dry_run=dry_run,
        pictures=pictures,
        card=card if card.is_file() else None,
        say=lambda line: click.echo(line, err=True),
    )
    if as_json:
        click.echo(json.dumps(found.as_json()))
    else:
        click.echo(f"bundle     {bundle.id}")
        for check in found.checks:
            click.echo(f"{'yes' if check.passed else 'NO':<10} {check.says}")
    if found.reasons and not found.forced:
        raise GateError(f"release refused: {'; '.join(found.reasons)} (--force releases it, and says so in it)")
    if not as_json:
        outcome = "would be released" if dry_run else "released"
        click.echo(f"{outcome:<10} {into}" + (f" in place of {found.replaced}" if found.replaced else ""))
