"""``flinch status``: what the store holds."""

import json

import click


@click.command()
@click.option("--concept", "name", default="trypophobia", show_default=True, help="Name or path of a concept.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")
def status(name: str, as_json: bool) -> None:
    """Show what the store holds.

    \b
    Examples:
      flinch status
      flinch status --json | jq .images
    """
    from store.config import load_config
    from store.database import open_store
    from store.home import Home
    from store.summary import summarise

    concept = load_config(name)
    store = open_store(Home.from_environment())
    with store.session() as session:
        summary = summarise(session, concept.concept)
    if as_json:
        click.echo(json.dumps(summary))
        return
    click.echo(f"store    {store.home.path}")
    for key, value in summary.items():
        shown = "  ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        click.echo(f"{key:<12} {shown}")
