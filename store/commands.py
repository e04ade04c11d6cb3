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
    from store.summary import summarise

    concept, store = open_concept(name)
    with store.session() as session:
        summary = summarise(session, concept.concept)
    if as_json:
        click.echo(json.dumps(summary))
        return
    click.echo(f"store    {store.home.path}")
    for key, value in summary.items():
        shown = "  ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        click.echo(f"{key:<12} {shown}")
