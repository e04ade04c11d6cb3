"""Every error of the service as problem details (RFC 9457), and nothing of its inside in them.

``type`` is ``about:blank`` throughout, which the RFC reserves for problems that the status says completely.
"""

import json
import logging
import traceback
from http import HTTPStatus

from flask import Flask, Response
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from store.errors import StoreError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5  # seconds

log = logging.getLogger(__name__)


def problem(status: int, detail: str) -> Response:
    """Return problem details with their status; ``detail`` is shown to strangers."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Response(json.dumps(body) + "\n", status, content_type=MEDIA_TYPE)


def register(app: Flask) -> None:
    """Answer every error of ``app`` with problem details."""
    app.register_error_handler(HTTPException, _refused)
    for unavailable in (StoreError, OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(unavailable, _unavailable)
    app.register_error_handler(Exception, _broken)


def _refused(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    answer = problem(error.code, error.description or HTTPStatus(error.code).phrase)
    # 405 says what is allowed.
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            answer.headers[name] = value
    return answer


def _unavailable(error: Exception) -> Response:
    # The operator reads which database; the reader only that there is none.
    log.error("store unavailable: %s", " ".join(str(error).split("\n", 1)[0].split()))
    answer = problem(HTTPStatus.SERVICE_UNAVAILABLE, "The store does not answer just now; try again in a moment.")
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer


def _broken(error: Exception) -> Response:
    # The kind and the places only: a message or a statement's parameters may hold what a reader sent.
    log.error("bug: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The service has a bug; the report was not kept.")
