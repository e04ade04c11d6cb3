"""The one place where the service is put together."""

from flask import Flask

from serving import problems
from serving.feedback import MOST_BYTES, feedback
from serving.health import health
from serving.settings import Settings
from store.config import Concept
from store.database import Store


def create_app(store: Store, concept: Concept, allow_private_hosts: bool = False) -> Flask:
    """Return the service of one concept; nothing is connected before the first request.

    ``allow_private_hosts``: take reports on pictures of an intranet or of this machine, too.
    """
    app = Flask("flinch", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.extensions["flinch"] = Settings(store, concept, allow_private_hosts)
    problems.register(app)
    app.register_blueprint(feedback)
    app.register_blueprint(health)
    return app
