"""Keep TensorFlow's start-up chatter away from people who asked for a table."""

import os


def quiet_tensorflow() -> None:
    """Silence the C++ log below errors; call it before TensorFlow is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
