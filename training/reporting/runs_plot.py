"""The curves of several runs in one file: a drawing, or a page with the comparison below it."""

from collections.abc import Sequence
from pathlib import Path

from store.blobs import write_atomically
from store.errors import InputError
from training.reporting.page import environment, markup, standalone
from training.reporting.training_curves import runs_plot
from training.tracking.runs import Run
from training.tracking.runs_table import compare


def write_plot(path: Path, runs: Sequence[Run]) -> None:
    """Write the curves of ``runs`` to ``path``, by its ending .svg or .html.

    InputError for another ending, or when no run has an epoch; StoreError when it cannot be written.
    """
    if path.suffix not in (".svg", ".html"):
        raise InputError(f"{path}: curves are drawn as .svg or as .html")
    curves = {run.name: run.rows for run in runs if run.rows}
    if not curves:
        raise InputError("none of these runs has curves: they were made before curves were kept, or killed at once")
    drawn = runs_plot(curves)
    if path.suffix == ".svg":
        write_atomically(path, standalone(drawn).encode())
        return
    page = environment().get_template("runs.html.j2")
    write_atomically(path, page.render(plot=markup(drawn), comparison=compare(runs)).encode("utf-8", "replace"))
