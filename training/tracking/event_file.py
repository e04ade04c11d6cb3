"""The event file that TensorBoard draws curves from, made from the lines of ``metrics.jsonl``."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from store.home import storage_error
from training.tracking.metrics_file import Row


class Events:
    """One event file (https://github.com/tensorflow/tensorboard reads every ``*tfevents*`` of a folder)."""

    def __init__(self, folder: Path, rows: Sequence[Row]) -> None:
        """Write ``rows`` anew; StoreError when the folder cannot be written to."""
        self._folder = folder
        self._writer: Any = None
        self.begin(rows)

    def begin(self, rows: Sequence[Row]) -> None:
        """Replace what is there by ``rows``: TensorBoard would draw an epoch that is there twice as two."""
        import tensorflow as tf

        self.close()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for old in self._folder.glob("*tfevents*"):
                old.unlink()
            # Seconds are in the name as TensorBoard wants it; the machine's name, which others put there, is not.
            started = int(datetime.now(UTC).timestamp())
            self._writer = tf.io.TFRecordWriter(str(self._folder / f"events.out.tfevents.{started:010d}.flinch"))
        except OSError as error:
            raise storage_error(error, self._folder) from error
        except tf.errors.OpError as error:
            raise storage_error(OSError(str(error)), self._folder) from error
        self._write(tf.compat.v1.Event(wall_time=started, file_version="brain.Event:2"))
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        """Append an epoch as scalars named ``stage/measure``, its number as the step."""
        import tensorflow as tf

        values = [
            tf.compat.v1.Summary.Value(tag=f"{row.stage}/{name}", simple_value=value)
            for name, value in row.numbers.items()
            if value is not None
        ]
        at = datetime.fromisoformat(row.at).timestamp()
        self._write(tf.compat.v1.Event(wall_time=at, step=row.epoch, summary=tf.compat.v1.Summary(value=values)))

    def close(self) -> None:
        """Close the file, if one is open."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _write(self, event: Any) -> None:
        import tensorflow as tf

        try:
            self._writer.write(event.SerializeToString())
            self._writer.flush()
        except tf.errors.OpError as error:
            raise storage_error(OSError(str(error)), self._folder) from error
