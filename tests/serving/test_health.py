import json

import pytest
from sqlalchemy import text

from store.database import newest_revision


def test_a_service_with_its_database_is_alive_and_ready(client):
    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert (alive.status_code, alive.json) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json) == (200, {"status": "ready"})


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE alembic_version SET version_num = '0000'",
        "DELETE FROM alembic_version",
        "DROP TABLE alembic_version",
    ],
)
def test_a_schema_of_another_revision_is_not_ready_but_alive(store, client, damage):
    with store.session() as session:
        session.execute(text(damage))

    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert alive.status_code == 200
    assert (ready.status_code, ready.content_type) == (503, "application/problem+json")
    assert newest_revision() not in json.loads(ready.data)["detail"]
