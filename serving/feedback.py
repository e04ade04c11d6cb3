"""``POST /v1/feedback``: a reader's word on one picture. URL, verdict, time; nothing else is read or kept."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from werkzeug.exceptions import UnprocessableEntity

from serving.picture_url import public_url
from serving.settings import Settings
from store.database import Store
from store.errors import InputError
from store.tables import Feedback

FIELDS = ("url", "verdict", "reported_at")
MOST_BYTES = 8192
AHEAD = timedelta(minutes=5)  # what a reader's clock may be fast
OLDEST = timedelta(days=30)  # what an extension may have waited for the network

feedback = Blueprint("feedback", __name__)


@dataclass(frozen=True)
class Report:
    """One report as it is kept; ``reported_at`` is UTC at whole seconds."""

    url: str
    verdict: str
    reported_at: datetime

    def as_json(self) -> dict[str, str]:
        """Return it as it was understood."""
        return {"url": self.url, "verdict": self.verdict, "reported_at": f"{self.reported_at:%Y-%m-%dT%H:%M:%SZ}"}


@feedback.post("/v1/feedback")
def report() -> tuple[dict[str, str], int]:
    """Keep one report and answer 201 with what was kept; there is no id, which could be used to find it again."""
    settings: Settings = current_app.extensions["flinch"]
    store: Store = settings.store
    try:
        read = read_report(_body(), settings.concept.classes, datetime.now(UTC), settings.allow_private_hosts)
    except InputError as error:
        raise UnprocessableEntity(str(error)) from error
    with store.session() as session:
        session.add(Feedback(concept=settings.concept.concept, **vars(read)))
    return read.as_json(), HTTPStatus.CREATED


@feedback.after_request
def allow_any_origin(answer: Response) -> Response:
    """Let pages of any origin post: reports carry no credentials, and an extension's origin differs per install."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Allow-Methods"] = "POST"
    answer.headers["Access-Control-Allow-Headers"] = "Content-Type"
    answer.headers["Access-Control-Max-Age"] = "86400"
    return answer


def read_report(body: Any, classes: tuple[str, ...], now: datetime, allow_private_hosts: bool = False) -> Report:
    """Return the report in a decoded JSON ``body``.

    Raises InputError: one sentence that names the field. Unknown fields are refused rather than dropped, so that no
    client comes to believe that more may be sent.
    """
    if not isinstance(body, dict):
        raise InputError("a report is one JSON object")
    for name in body:
        if name not in FIELDS:
            raise InputError(f"unknown field '{name[:40]}'; a report has only {', '.join(FIELDS)}")
    verdict = _text(body, "verdict")
    if verdict not in classes:
        raise InputError(f"verdict must be one of {', '.join(classes)}")
    url = public_url(_text(body, "url"), allow_private_hosts)
    return Report(url, verdict, _moment(body, now))


def _moment(body: dict[str, Any], now: datetime) -> datetime:
    if "reported_at" not in body:
        return now.replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(_text(body, "reported_at"))
    except ValueError as error:
        raise InputError("reported_at must be an ISO 8601 time, e.g. 2026-11-20T09:30:00Z") from error
    if moment.tzinfo is None:
        raise InputError("reported_at must say its offset from UTC, e.g. 2026-11-20T09:30:00Z")
    # Compared before it is converted: year 1 at +14:00 has no UTC.
    if not now - OLDEST <= moment <= now + AHEAD:
        raise InputError("reported_at must not lie in the future or more than 30 days back")
    return moment.astimezone(UTC).replace(microsecond=0)


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise InputError(f"{name} is missing" if name not in body else f"{name} must be a string")
    return value


def _body() -> Any:
    """Return the decoded body; aborts with 411, 413, 415 or 400."""
    if request.content_length is None:
        # A body of unknown length would be cut at the limit without a word, not refused.
        abort(HTTPStatus.LENGTH_REQUIRED, "Send the report with its Content-Length, not in chunks.")
    if request.mimetype != "application/json":
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the report as application/json.")
    data = request.get_data(cache=False)
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        abort(HTTPStatus.BAD_REQUEST, "The body is no valid JSON.")
