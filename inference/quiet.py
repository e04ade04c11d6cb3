"""Keep TensorFlow's chatter away from people who asked for a table."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


def import_tensorflow_quietly() -> None:
    """Import TensorFlow with its C++ start-up log held back; the log is shown only if the import fails.

    The lines are written before TensorFlow reads TF_CPP_MIN_LOG_LEVEL, so only the file descriptor stops them.
    """
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with stderr_held_back():
        import tensorflow
    # It warns of every function that is compiled for a new network, by one name for all of them.
    tensorflow.get_logger().setLevel("ERROR")


@contextmanager
def stderr_held_back() -> Iterator[None]:
    """Hold back what anybody, libraries in C++ too, writes to file descriptor 2; it is shown if the body fails."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held_back:
        stderr = os.dup(2)
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        except BaseException:
            held_back.seek(0)
            os.write(stderr, held_back.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
