"""The errors that a person can cause or meet, and the exit codes that scripts can rely on.

::

    FlinchError           1   anything below, when nothing narrower fits
    ├── ConfigError       3   a concept's TOML file is wrong: names the file and the key
    ├── InputError        4   a path, a picture, a label or a report that cannot be used
    │   └── UnreadablePicture      (store/pictures.py) with a reason that is counted
    ├── StoreError        5   the home or the database: read-only, full, unreachable, damaged
    ├── WeightsError      6   no pretrained weights could be had
    └── GateError         7   a release gate (parity) said no; nothing was released

Exit code 2 is click's, for a command line that does not parse; 130 is Ctrl-C; 70 is a bug of ours.
Every message is one line that names the thing and the way out.
"""


class FlinchError(Exception):
    """The root: its message is shown to the person as it is, without a traceback."""

    exit_code = 1


class ConfigError(FlinchError):
    """A concept's configuration cannot be used."""

    exit_code = 3


class InputError(FlinchError):
    """Something that the person handed in cannot be used."""

    exit_code = 4


class StoreError(FlinchError):
    """The home folder or the database cannot be used."""

    exit_code = 5


class WeightsError(FlinchError):
    """No pretrained weights could be had; no network starts from random ones that somebody publishes some for."""

    exit_code = 6


class GateError(FlinchError):
    """A gate refused: the network differs between Keras, SavedModel and the browser."""

    exit_code = 7
