"""``flinch runs``: the trainings so far, one of them, or several side by side."""

import json
from pathlib import Path

import click

from store.options import json_option


@click.command()
@click.argument("names", nargs=-1, metavar="[RUN]...")
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw their curves into this file: .svg, or .html for a page with the comparison.",
)
@json_option
def runs(names: tuple[str, ...], plot: Path | None, as_json: bool) -> None:
    """List the trainings, show one RUN, or put several side by side.

    A RUN is a name from the list or the beginning of one; its hexadecimal part will do. A training that was killed
    is listed as unfinished: the command that began it goes on with it.

    \b
    Examples:
      flinch runs
      flinch runs trypophobia-5bfd
      flinch runs 5bfd 76cc --plot curves.svg
      flinch runs --json | jq '.runs[] | select(.state == "finished") | .metrics.test.auc'
    """
    from store.home import Home
    from training.tracking.runs import find_runs, read_runs
    from training.tracking.runs_table import compare, compare_table, list_table, one_table

    found = read_runs(Home.from_environment())
    chosen = find_runs(found, names) if names else found
    comparison = compare(chosen) if names and len(chosen) > 1 else None
    if plot is not None:
        from training.reporting.runs_plot import write_plot

        write_plot(plot, chosen)
    if as_json:
        click.echo(json.dumps({"runs": [run.as_json() for run in chosen]}))
    elif comparison:
        click.echo(compare_table(comparison, lambda cell: click.style(cell, bold=True)))
    else:
        click.echo(one_table(chosen[0]) if names else list_table(chosen))
    if plot is not None:
        click.echo(f"curves   {plot}", err=True)
