"""Download a network by keras.applications and keep its convolutions (`python -m ... --help`).

A process of its own, because Keras offers neither a timeout nor an atomic write: here both are the parent's.
"""

import argparse
import contextlib
import socket
import sys
from pathlib import Path

from training.networks.applications import APPLICATIONS

SILENCE_SECONDS = 10
# The size that the MobileNets are published for; convolutions are the same at every size.
SHAPE = (224, 224, 3)


def main() -> None:
    """Write NAME at ALPHA as an archive of convolutions; exit code 1 and one line on stderr when that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=APPLICATIONS)
    parser.add_argument("alpha", type=float)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    # A host that swallows packets would otherwise hold urllib for minutes.
    socket.setdefaulttimeout(SILENCE_SECONDS)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            download(arguments.name, arguments.alpha, arguments.output)
    except Exception as error:
        # Keras raises a bare Exception when a download fails.
        sys.exit(f"{error}".splitlines()[0])


def download(name: str, alpha: float, output: Path, weights: str | None = "imagenet") -> None:
    """Download into Keras' own cache (KERAS_HOME), fold BatchNorm and write the convolutions to `output`.

    `weights` None takes random ones.
    """
    from training.networks.convolutions import write_archive

    application = APPLICATIONS[name]
    write_archive(output, application.convolutions(application.network(alpha, weights, input_shape=SHAPE)))


if __name__ == "__main__":
    main()
