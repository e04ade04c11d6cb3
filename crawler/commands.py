"""``flinch import``, ``flinch synthesize`` and ``flinch crawl``: how pictures come in."""

import json
from pathlib import Path

import click

concept_option = click.option(
    "--concept", "name", default="trypophobia", show_default=True, help="Name or path of a concept."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@concept_option
@click.option("--name", "source", help="What the source is called in the store; the folder's name if not given.")
@click.option(
    "--map",
    "rules",
    multiple=True,
    metavar="FOLDER=CLASS",
    help="What a folder (or a label of the manifest) means; '-' leaves it out, '.' is PATH itself. Repeatable.",
)
@json_option
def import_pictures(path: Path, name: str, source: str | None, rules: tuple[str, ...], as_json: bool) -> None:
    """Import a folder of labelled pictures; doing it again changes nothing.

    PATH holds one folder a class, or one a split (train, val, test, ood) with the classes below, or a manifest.csv
    with the columns path and label, and if it likes split, source, group and licence.

    \b
    Examples:
      flinch import photos/
      flinch import photos/ --map holes=trypophobia --map misc=-
      flinch import holiday/ --map .=normal
    """
    from crawler.candidates import parse_map
    from crawler.folder import list_folder, source_name
    from crawler.import_report import as_json_object, as_table
    from crawler.importing import import_listing
    from store.config import load_config
    from store.database import open_store
    from store.home import Home

    concept = load_config(name)
    classes = parse_map(rules, concept.concept, concept.classes)
    listing = list_folder(path, source_name(path, source), classes)
    tally = import_listing(open_store(Home.from_environment()), concept.concept, listing)
    click.echo(json.dumps(as_json_object(listing, tally)) if as_json else as_table(listing, tally))
