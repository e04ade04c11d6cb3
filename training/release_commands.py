"""``flinch release``: the door between a trained bundle and the readers' extension."""

import json
from pathlib import Path

import click

from store.options import concept_option, json_option, open_concept


@click.command()
@concept_option
@click.argument("bundle_path", metavar="[BUNDLE]", required=False, type=click.Path(path_type=Path))
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
    name: str, bundle_path: Path | None, force: bool, dry_run: bool, pictures: int, into: Path, as_json: bool
) -> None:
    """Make a BUNDLE (default: the newest) the model that the extension's source carries.

    It must answer alike in Keras, SavedModel, Node and Chromium, keep its threshold's contract on val, and be no
    worse than the released model on the frozen test split. A refusal ends with exit code 7 and changes nothing.

    \b
    Examples:
      flinch release --dry-run
      flinch release .flinch/bundles/trypophobia-0123456789abcdef
      flinch release --json | jq .checks
    """
    from inference.bundle import load_bundle
    from store.errors import GateError
    from training.register import newest_bundle
    from training.release import release as try_release

    concept, store = open_concept(name)
    if bundle_path is None:
        with store.session() as session:
            bundle_path = newest_bundle(session, concept.concept)
    bundle = load_bundle(bundle_path)
    card = store.home.runs / bundle.id / "model_card.md"
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
