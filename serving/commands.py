"""``flinch serve``: the HTTP service."""

import click

from store.options import concept_option


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Name or address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--allow-private-hosts", is_flag=True, help="Take reports on pictures of an intranet, too.")
@concept_option
def serve(host: str, port: int, workers: int, allow_private_hosts: bool, name: str) -> None:
    """Take readers' reports over HTTP: POST /v1/feedback, GET /healthz, GET /readyz.

    Of a report its URL, verdict and time are kept, and nothing of who sent it; no requests are logged. SIGTERM lets
    running requests finish.

    \b
    Examples:
      flinch serve
      flinch serve --host 0.0.0.0 --port 8080 --workers 4
      curl -d '{"url": "https://example.org/a.jpg", "verdict": "normal"}' \\
           -H 'Content-Type: application/json' http://127.0.0.1:8000/v1/feedback
    """
    from flask import Flask

    from serving.app import create_app
    from serving.server import listen, run
    from store.config import load_config
    from store.database import Store, make_engine, open_store
    from store.home import Home

    concept = load_config(name)
    home = Home.from_environment()
    listening = listen(host, port)
    # Brings the schema up, once; the connection does not live to see the fork.
    open_store(home).close()

    def make_app() -> Flask:
        # No open_store: a worker that is replaced while the database is away must start and answer 503.
        return create_app(Store(home, make_engine(home.database_url)), concept, allow_private_hosts)

    def ready() -> None:
        click.echo(f"serving {concept.concept} on {listening.url} with {workers} workers; Ctrl-C stops")

    run(make_app, listening, workers, ready)
