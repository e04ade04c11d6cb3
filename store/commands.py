"""``flinch status``: what the store holds."""

import json

import click

from store.options import concept_option, json_option, open_concept


@click.command()
@concept_option
@json_option
def status(name: str, as_json: bool) -> None:
    """Show what the store holds.

    \b
    Examples:
      flinch status
      flinch status --json | jq .images
    """
    from store.summary import as_table, summarise

    concept, store = open_concept(name)
    with store.session() as session:
        summary = summarise(session, concept.concept)
    click.echo(json.dumps(summary) if as_json else f"store {store.home.path}\n{as_table(summary)}")
