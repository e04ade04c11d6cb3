import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from serving.app import create_app
from serving.feedback import read_report
from store.errors import InputError
from store.tables import Feedback

URL = "https://example.org/a.jpg"
NOW = datetime(2026, 11, 20, 9, 30, 15, 123456, tzinfo=UTC)
CLASSES = ("normal", "trypophobia")

one_database = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


def test_a_report_is_kept_in_utc_at_whole_seconds_and_told_back(store, client):
    moment = (datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=999_999)

    local = moment.astimezone(datetime.fromisoformat("2026-11-20T00:00:00+05:30").tzinfo)
    answer = client.post("/v1/feedback", json={"url": URL, "verdict": "normal", "reported_at": local.isoformat()})

    expected = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    assert (answer.status_code, answer.json) == (201, {"url": URL, "verdict": "normal", "reported_at": expected})
    with store.session() as session:
        row = session.scalars(select(Feedback)).one()
        assert (row.concept, row.url, row.verdict) == ("trypophobia", URL, "normal")
        # SQLite forgets the zone: what it returns is what was written, which is UTC.
        assert row.reported_at.replace(tzinfo=UTC) == moment.replace(microsecond=0)


@one_database
@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 411, "Content-Length"),
        (b"{", 400, "no valid JSON"),
        (b"\xff\xfe\xfd", 400, "no valid JSON"),
        (b"[" * 8000, 400, "no valid JSON"),
        (b"9" * 8000, 400, "no valid JSON"),
        (b" " * 8193, 413, "capacity"),
        (b"[]", 422, "one JSON object"),
        (b"NaN", 422, "one JSON object"),
        ({}, 422, "verdict is missing"),
        ({"verdict": "normal"}, 422, "url is missing"),
        ({"url": URL, "verdict": "cat"}, 422, "one of normal, trypophobia"),
        ({"url": URL, "verdict": None}, 422, "verdict must be a string"),
        ({"url": [URL], "verdict": "normal"}, 422, "url must be a string"),
        ({"url": "\ud800", "verdict": "normal"}, 422, "printable ASCII"),
        ({"url": URL, "verdict": "normal", "ip": "1.2.3.4"}, 422, "unknown field 'ip'"),
        ({"url": URL, "verdict": "normal", "\ud800": 1}, 422, "unknown field"),
        ({"url": URL, "verdict": "normal", "reported_at": 1700000000}, 422, "reported_at must be a string"),
        ({"url": URL, "verdict": "normal", "reported_at": None}, 422, "reported_at must be a string"),
    ],
)
def test_a_bad_report_is_refused_with_problem_details_and_not_kept(store, client, body, status, words):
    data = body if isinstance(body, bytes) else json.dumps(body)

    answer = client.post("/v1/feedback", data=data, content_type="application/json")

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    told = json.loads(answer.data)
    assert set(told) == {"type", "title", "status", "detail"}
    assert told["status"] == status
    assert words in told["detail"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    with store.session() as session:
        assert session.scalars(select(Feedback)).all() == []


@pytest.mark.parametrize(
    ("reported_at", "kept"),
    [
        ("2026-11-20T09:30:00Z", "2026-11-20T09:30:00"),
        ("2026-11-20T15:00:00.9+05:30", "2026-11-20T09:30:00"),
        ("2026-11-20T09:35:00+00:00", "2026-11-20T09:35:00"),
        ("2026-10-22T00:00:00Z", "2026-10-22T00:00:00"),
    ],
)
def test_a_time_of_the_last_thirty_days_is_kept_in_utc(reported_at, kept):
    body = {"url": URL, "verdict": "normal", "reported_at": reported_at}

    report = read_report(body, CLASSES, NOW)

    assert report.reported_at == datetime.fromisoformat(kept).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "reported_at",
    [
        "",
        "yesterday",
        "2026-11-20",
        "2026-11-20T09:30:00",
        "2026-11-20T09:36:00Z",
        "2026-10-20T09:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-11-20T09:30:00+99:00",
        "2026-02-30T00:00:00Z",
    ],
)
def test_a_time_that_cannot_be_is_refused(reported_at):
    body = {"url": URL, "verdict": "normal", "reported_at": reported_at}

    with pytest.raises(InputError, match="reported_at"):
        read_report(body, CLASSES, NOW)


def test_without_a_time_it_is_now():
    report = read_report({"url": URL, "verdict": "normal"}, CLASSES, NOW)

    assert report.reported_at == NOW.replace(microsecond=0)


@one_database
def test_other_types_lengths_methods_and_paths_are_problems_too(client):
    form = client.post("/v1/feedback", data={"url": URL})
    chunked = client.post("/v1/feedback", content_type="application/json", headers={"Transfer-Encoding": "chunked"})
    got = client.get("/v1/feedback")
    lost = client.get("/v1/feedbacks")

    assert [answer.status_code for answer in (form, chunked, got, lost)] == [415, 411, 405, 404]
    assert {answer.content_type for answer in (form, chunked, got, lost)} == {"application/problem+json"}
    assert "POST" in got.headers["Allow"]


@one_database
def test_an_extension_may_post_from_its_origin_and_sends_no_credentials(client):
    asked = {"Origin": "chrome-extension://abcdefgh", "Access-Control-Request-Method": "POST"}

    preflight = client.options("/v1/feedback", headers={**asked, "Access-Control-Request-Headers": "content-type"})

    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert preflight.headers["Access-Control-Allow-Methods"] == "POST"
    assert preflight.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert "Access-Control-Allow-Credentials" not in preflight.headers


@one_database
def test_private_hosts_are_taken_only_where_the_operator_says_so(store, concept, client):
    body = {"url": "http://127.0.0.1:8080/a.png", "verdict": "normal"}

    refused = client.post("/v1/feedback", json=body)
    taken = create_app(store, concept, allow_private_hosts=True).test_client().post("/v1/feedback", json=body)

    assert (refused.status_code, taken.status_code) == (422, 201)


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_a_bug_tells_neither_the_reader_nor_the_log_what_was_sent(store, client, caplog):
    with store.session() as session:
        session.execute(text("DROP TABLE feedback"))

    with caplog.at_level(logging.DEBUG):
        answer = client.post("/v1/feedback", json={"url": URL, "verdict": "normal"})

    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert json.loads(answer.data)["detail"] == "The service has a bug; the report was not kept."
    assert "ProgrammingError" in caplog.text
    assert "example.org" not in caplog.text


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
nearly = st.fixed_dictionaries(
    {},
    optional={
        "url": anything | st.text(st.characters(max_codepoint=127), max_size=60).map("http://".__add__),
        "verdict": anything | st.sampled_from(CLASSES),
        "reported_at": anything | st.datetimes(timezones=st.timezones()).map(datetime.isoformat),
    },
)


@one_database
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(min_size=1, max_size=60) | (anything | nearly).map(lambda value: json.dumps(value).encode()))
def test_no_body_breaks_the_service(client, body):
    answer = client.post("/v1/feedback", data=body, content_type="application/json")

    assert answer.status_code in {201, 400, 422}
