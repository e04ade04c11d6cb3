"""Column types that mean the same on SQLite and on PostgreSQL.

By itself SQLite keeps any length, forgets time zones and takes NUL characters, where PostgreSQL refuses or
converts; a store that works on one would fail on the other with the first odd file name or title.
"""

import json
import math
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text, TypeDecorator
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeEngine

from store.errors import InputError


class TooLong(InputError, DontWrapMixin):
    """A text that the store has no room for; SQLAlchemy hands it on as it is."""


def storable(text: str, limit: int | None = None) -> str:
    """Return ``text`` as it comes back from the store: what no database takes becomes a readable escape.

    That is NUL, and the lone surrogates that stand for odd bytes in file names; two different names stay different.
    Raises TooLong above ``limit`` characters.
    """
    kept = text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")
    if limit is not None and len(kept) > limit:
        raise TooLong(f"'{kept[:40]}...' has {len(kept)} characters, the store keeps {limit}; shorten it")
    return kept


class Words(TypeDecorator[str]):
    """Text of any length, or of at most ``length`` characters; raises TooLong."""

    impl = String
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """Return the type that the table is made with."""
        return dialect.type_descriptor(Text() if self.length is None else String(self.length))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Escape and measure on the way in."""
        return None if value is None else storable(value, self.length)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, aware of it on the way out; a naive one is refused, since it could mean any hour."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert to UTC: SQLite would drop the zone without converting, and sort by the wrong hour."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} says no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Say UTC: SQLite has forgotten it, PostgreSQL answers in the zone of the session."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def dump_json(value: Any) -> str:
    """Return JSON with ``null`` for what JSON has no number for (NaN, infinities): PostgreSQL refuses those."""
    return json.dumps(_finite(value))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
