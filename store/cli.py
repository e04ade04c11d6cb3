"""The ``flinch`` command: finds its members through entry points, and is the one door that catches errors."""

import logging
import sys
import traceback
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import NoReturn

import click

from store.errors import FlinchError

GROUP = "flinch.commands"

# sysexits.h: an internal software error.
BUG = 70

# The order of the road, for --help.
ORDER = (
    "import",
    "synthesize",
    "crawl",
    "snapshot",
    "weights",
    "train",
    "evaluate",
    "runs",
    "compare",
    "release",
    "label",
    "serve",
    "status",
)

EPILOG = """\b
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 wrong configuration, 4 unusable input,
5 store (read-only, full, unreachable), 6 no pretrained weights, 7 a gate refused,
130 interrupted, 70 a bug of ours.

\b
Settings from the environment:
  FLINCH_HOME          the folder of the store, the caches and the runs (default .flinch)
  FLINCH_DATABASE_URL  another database than SQLite, e.g. postgresql://user@host/flinch
"""


class Road(click.Group):
    """Commands that are imported when they are asked for."""

    @cached_property
    def _found(self) -> dict[str, EntryPoint]:
        return {entry.name: entry for entry in entry_points(group=GROUP)}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the names in the order of the road; strangers come last."""
        rank = {name: number for number, name in enumerate(ORDER)}
        return sorted(self._found, key=lambda name: (rank.get(name, len(ORDER)), name))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one member; one whose extra is not installed says how to get it."""
        entry = self._found.get(cmd_name)
        if entry is None:
            return None
        command = entry.load()
        if not isinstance(command, click.Command):
            raise TypeError(f"entry point {entry.value} is no click command")
        return command


@click.group(
    cls=Road,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="flinch")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens, one line an event, to stderr.")
def flinch(verbose: bool) -> None:
    """Scrape, label, train and serve a small image classifier that covers, in the reader's browser, the
    pictures this reader cannot bear.

    \b
    Examples:
      flinch import photos/          a folder with one subfolder a class
      flinch train                   snapshot, fit, evaluate, export, gate, report
      flinch evaluate photos/        score a labelled folder with the newest bundle
    """
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )


def main() -> None:
    """Run the command; every FlinchError becomes one line on stderr and its exit code."""
    try:
        status = flinch.main(prog_name="flinch", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("flinch: interrupted; what was finished is kept, run the command again to go on", err=True)
        sys.exit(130)
    except FlinchError as error:
        click.echo(f"flinch: {' '.join(str(error).split())}", err=True)
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        _explain_missing(error)
    except Exception:
        traceback.print_exc()
        sys.exit(BUG)
    sys.exit(status if isinstance(status, int) else 0)


def _explain_missing(error: ModuleNotFoundError) -> NoReturn:
    extras = {"flask": "serve", "gunicorn": "serve", "tensorflowjs": "export", "tf_keras": "export"}
    train = {"tensorflow", "keras", "sklearn", "matplotlib", "jinja2"}
    name = (error.name or "").split(".")[0]
    extra = extras.get(name, "train" if name in train else None)
    if extra is None:
        traceback.print_exception(error)
        sys.exit(BUG)
    # Not pip: it cannot be told which TensorFlow to leave out (docs/decisions/003-toolchain.md).
    click.echo(
        f"flinch: this needs the package '{name}'; install it, in a checkout, with `make setup` "
        f"or `uv sync --extra {extra}`",
        err=True,
    )
    sys.exit(1)
