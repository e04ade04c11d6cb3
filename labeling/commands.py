"""``flinch label``: rounds of pictures that deserve a second look, and what people answer."""

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from store.options import concept_option, json_option, open_concept

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.config import Concept
    from store.tables import Round

BUCKETS = ("ambiguous", "false_positive", "false_negative")

round_option = click.option("--round", "round_id", type=int, metavar="N", help="Its number [the newest model's].")


@click.group()
def label() -> None:
    """Show the pictures whose labels look wrong, and take a person's answers.

    \b
    Examples:
      flinch label round                               make the round of the newest model
      flinch label list --bucket false_positive
      flinch label set 3f9a1c normal --by ada --reason "a sponge cake"
    """


@label.command("round")
@concept_option
@json_option
def make_round(name: str, as_json: bool) -> None:
    """Make the newest model's round, if it is missing; list, set and progress do so, too.

    \b
    Examples:
      flinch label round
      flinch label round --json | jq .pictures
    """
    from labeling.rounds import create_round
    from labeling.yields import progress, total
    from store.models import newest_model

    concept, store = open_concept(name)
    with store.session() as session:
        model = newest_model(session, concept.concept)
        made = create_round(session, concept, model.id)
        yields = progress(session, made)
        facts = {
            "round": made.id,
            "model": model.bundle_id,
            "budget": made.budget,
            "pictures": total(yields.values()).total,
            "buckets": {bucket.value: part.total for bucket, part in yields.items()},
        }
    if as_json:
        click.echo(json.dumps(facts))
        return
    parts = ", ".join(f"{bucket.value} {part.total}" for bucket, part in yields.items())
    click.echo(
        f"round {facts['round']} of {facts['model']}: {facts['pictures']} pictures to look at "
        f"(budget {facts['budget']}; {parts})"
    )


@label.command("list")
@concept_option
@round_option
@click.option("--bucket", type=click.Choice(BUCKETS), help="Only this bucket.")
@click.option("--open", "only_open", is_flag=True, help="Only what nobody has answered in this round.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most this many.")
@json_option
def show(name: str, round_id: int | None, bucket: str | None, only_open: bool, limit: int, as_json: bool) -> None:
    """List a round's pictures, the most suspicious labels first.

    p is the out-of-sample probability of the positive class; label is what is held to be true now; answer is what a
    person said in this round. With --json every item also has the path of its picture.

    \b
    Examples:
      flinch label list --open --limit 10
      flinch label list --round 2 --bucket ambiguous --json | jq -r '.items[].path'
    """
    from labeling.rounds import items
    from labeling.shown import table

    concept, store = open_concept(name)
    with store.session() as session:
        asked = _asked(session, concept, round_id)
        number, listed = asked.id, items(session, asked)
    fitting = [item for item in listed if bucket in (None, item.bucket.value)]
    if only_open:
        fitting = [item for item in fitting if item.answer is None]
    shown = fitting[:limit]
    if as_json:
        with_paths = [{**vars(item), "path": str(store.blobs.path(item.sha256))} for item in shown]
        click.echo(json.dumps({"round": number, "items": with_paths}))
        return
    click.echo("\n".join(table(shown)))
    done = sum(item.answer is not None for item in listed)
    click.echo(f"round {number}: {len(shown)} of {len(fitting)} shown, {done} of {len(listed)} answered")


@label.command("set")
@click.argument("sha")
@click.argument("class_name", metavar="CLASS")
@click.option("--by", required=True, metavar="NAME", help="Who says so.")
@click.option("--reason", metavar="TEXT", help="Why, in one line.")
@concept_option
@json_option
def answer(sha: str, class_name: str, by: str, reason: str | None, name: str, as_json: bool) -> None:
    """Record what a person says of a picture.

    SHA is the first 6 or more hex digits of the picture's sha256. The answer is appended to what was said before,
    becomes the current label, and counts for the newest round if that asks about the picture.

    \b
    Examples:
      flinch label set 3f9a1c0b normal --by ada
      flinch label set 3f9a1c0b trypophobia --by ada --reason "a lotus pod, half hidden"
    """
    from labeling.answers import record_answer
    from labeling.shown import answer as as_line
    from store.errors import InputError

    concept, store = open_concept(name)
    # Without a model there is no round, and what a person says counts all the same.
    with store.session() as session, suppress(InputError):
        _asked(session, concept, None)
    with store.session() as session:
        answered = record_answer(session, concept, sha, class_name, by, reason)
    if as_json:
        before = answered.before and _word(answered.before)
        click.echo(json.dumps({"sha256": answered.sha256, "before": before, "now": _word(answered.now)}))
        return
    click.echo(as_line(answered))


@label.command("show")
@click.argument("sha")
@concept_option
@json_option
def tell(sha: str, name: str, as_json: bool) -> None:
    """Show all that was said of a picture, and its file.

    \b
    Examples:
      flinch label show 3f9a1c0b
    """
    from labeling.answers import find_picture, history
    from labeling.shown import story

    concept, store = open_concept(name)
    with store.session() as session:
        image = find_picture(session, sha)
        sha256, said = image.sha256, history(session, concept.concept, image.id)
    path = store.blobs.path(sha256)
    if as_json:
        click.echo(json.dumps({"sha256": sha256, "path": str(path), "labels": [_word(word) for word in said]}))
        return
    click.echo("\n".join([sha256, str(path), *story(said)]))


@label.command("progress")
@concept_option
@round_option
@json_option
def far(name: str, round_id: int | None, as_json: bool) -> None:
    """Show how far a round has come, by bucket.

    The yield is the share of answers that changed the label.

    \b
    Examples:
      flinch label progress
      flinch label progress --round 1 --json
    """
    from labeling.shown import summary
    from labeling.yields import progress

    concept, store = open_concept(name)
    with store.session() as session:
        asked = _asked(session, concept, round_id)
        number, yields = asked.id, progress(session, asked)
    if as_json:
        parts = {
            bucket.value: {**vars(part), "share_corrected": part.share_corrected} for bucket, part in yields.items()
        }
        click.echo(json.dumps({"round": number, "buckets": parts}))
        return
    click.echo("\n".join([f"round {number}", *summary(yields)]))


def _asked(session: "Session", concept: "Concept", round_id: int | None) -> "Round":
    """Return the round of this number, else the newest model's, which is made if it is missing."""
    from labeling.rounds import find_round, newest_round

    if round_id is not None:
        return find_round(session, concept.concept, round_id)
    asked, made = newest_round(session, concept)
    if made:
        click.echo(f"round {asked.id} was made of what the newest model doubts", err=True)
    return asked


def _word(word: Any) -> dict[str, Any]:
    return {**vars(word), "created_at": word.created_at.isoformat()}
