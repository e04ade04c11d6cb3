"""``flinch import``, ``flinch synthesize`` and ``flinch crawl``: how pictures come in."""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from store.options import concept_option, json_option, open_concept, open_usual_store

if TYPE_CHECKING:
    from crawler.synthetic import Plan
    from store.config import Concept
    from store.database import Store

SHEET_COUNT = 96


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@concept_option
@click.option("--name", "source", help="What the source is called in the store; the folder's name if not given.")
@click.option(
    "--map",
    "rules",
    multiple=True,
    metavar="FOLDER=CLASS",
    help="What a folder (or a label of the manifest) means; '-' leaves it out, '?' files it without a class, "
    "'.' is PATH itself. Repeatable.",
)
@json_option
def import_pictures(path: Path, name: str, source: str | None, rules: tuple[str, ...], as_json: bool) -> None:
    """Import a folder of labelled pictures; doing it again changes nothing.

    PATH holds one folder a class, or one a split (train, val, test, ood) with the classes below, or a manifest.csv
    with the columns path and label, and if it likes split, source, group, licence, kind and hard_negative.
    Of pictures without a class ('?') a student hears what its teachers see, if train.distill.unlabelled is above 0.

    \b
    Examples:
      flinch import photos/
      flinch import photos/ --map holes=trypophobia --map misc=-
      flinch import holiday/ --map .=normal
      flinch import wallpapers/ --map '.=?'
    """
    from crawler.candidates import parse_map
    from crawler.folder import list_folder, source_name
    from crawler.import_report import as_json_object, as_table
    from crawler.importing import import_listing
    from store.config import load_config

    concept = load_config(name)
    classes = parse_map(rules, concept.concept, concept.classes)
    listing = list_folder(path, source_name(path, source), classes)
    distance = concept.snapshot.near_duplicate_distance
    # Opened last: a folder that cannot be used makes no home.
    tally = import_listing(open_usual_store(), concept.concept, listing, distance)
    click.echo(json.dumps(as_json_object(listing, tally)) if as_json else as_table(listing, tally, distance))


@click.command()
@concept_option
@click.option("--count", type=click.IntRange(1, 100_000), help="How many in all (default: as the concept says).")
@click.option("--seed", type=click.IntRange(0), help="Another set of pictures (default: as the concept says).")
@click.option("--if-empty", is_flag=True, help="Only when no other picture of the concept is labelled.")
@click.option("--sheet", type=click.Path(path_type=Path), help="Write a contact sheet (PNG); file nothing.")
@json_option
def synthesize(
    name: str, count: int | None, seed: int | None, if_empty: bool, sheet: Path | None, as_json: bool
) -> None:
    """Fill the store with drawn pictures: hole clusters and their look-alikes.

    The same seed draws the same pictures: again with the same count changes nothing, a larger count adds the rest.

    \b
    Examples:
      flinch synthesize
      flinch synthesize --count 96 --sheet drawn.png
    """
    from crawler.synthetic import Plan, write_sheet
    from store.config import load_config

    concept = load_config(name)
    starter = concept.starter
    usual = starter.count if sheet is None else SHEET_COUNT
    plan = Plan(starter.seed if seed is None else seed, count or usual, starter.positive_share)
    if sheet is not None:
        write_sheet(sheet, plan)
        click.echo(sheet)
        return
    _synthesize(open_usual_store(), concept, plan, if_empty, as_json)


def _synthesize(store: "Store", concept: "Concept", plan: "Plan", if_empty: bool, as_json: bool) -> None:
    from crawler.synthetic import fill_if_empty, synthesize

    if if_empty:
        done = fill_if_empty(store, concept, plan, partial(click.echo, err=as_json))
    else:
        done = synthesize(store, concept, plan)
    kept = sum(done.kept.values())
    if as_json:
        click.echo(json.dumps({"source": plan.source, "kept": done.kept, "already_there": done.already_there}))
    elif kept or not if_empty:
        counts = ", ".join(f"{label} {count}" for label, count in done.kept.items() if count)
        click.echo(f"{plan.source}\nkept          {kept:>7}   {counts}".rstrip())
        click.echo(f"already there {done.already_there:>7}")


@click.group()
def crawl() -> None:
    """Fetch pictures from the network.

    \b
    Examples:
      flinch crawl feedback
    """


@crawl.command()
@concept_option
@click.option(
    "--allow-private", is_flag=True, help="Fetch from private and local addresses too (for trying things out)."
)
@json_option
def feedback(name: str, allow_private: bool, as_json: bool) -> None:
    """Fetch the pictures that readers reported, and file them in quarantine.

    A report never becomes a label by itself: it waits beside its picture until people have looked. A report whose
    picture could not be fetched is tried again next time, until it is 30 days old (expired).

    \b
    Examples:
      flinch crawl feedback
      flinch crawl feedback --json | jq .failed
    """
    from crawler.feedback import crawl_feedback
    from crawler.fetch import Fetcher
    from store.addresses import is_public

    concept, store = open_concept(name)
    with Fetcher(allowed=(lambda _: True) if allow_private else is_public) as fetcher:
        done = crawl_feedback(store, concept, fetcher.fetch, datetime.now(UTC))
    if as_json:
        click.echo(json.dumps({"filed": done.filed, "new_images": done.new_images, "failed": done.failed}))
        return
    failed = ", ".join(f"{reason.replace('_', ' ')} {count}" for reason, count in done.failed.items())
    click.echo(f"reports filed {done.filed:>6}   in quarantine; {done.new_images} of their pictures are new")
    click.echo(f"failed        {sum(done.failed.values()):>6}   {failed}".rstrip())
