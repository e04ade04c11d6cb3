"""What every command has in common: its options, and how it comes to a concept and a store."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from store.config import Concept
    from store.database import Store

concept_option = click.option(
    "--concept", "name", default="trypophobia", show_default=True, help="Name or path of a concept."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")


def open_concept(name: str) -> "tuple[Concept, Store]":
    """Return a concept by name or path, and the store that the environment names, open.

    Raises ConfigError or StoreError.
    """
    # Imported late: every command's --help passes through this file.
    from store.config import load_config

    return load_config(name), open_usual_store()


def open_usual_store() -> "Store":
    """Return the store that the environment names, open; it is made if it is missing.

    For commands that can refuse their arguments first. Raises StoreError.
    """
    from store.database import open_store
    from store.home import Home

    return open_store(Home.from_environment())
