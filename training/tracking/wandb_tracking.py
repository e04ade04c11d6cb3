"""Weights & Biases (https://docs.wandb.ai), for who switched it on: numbers, the recipe, two names and no more."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from store.errors import ConfigError
from training.tracking.metrics_file import Numbers, Row
from training.tracking.tracker import RunFacts


class WandbRun:
    """One run of a project, named as the run's folder is, so that a resumed fit goes on with it."""

    def __init__(self, folder: Path, facts: RunFacts, project: str, known: Sequence[Row]) -> None:
        """Begin, or go on; ``known`` epochs are sent if it was not switched on when they were made.

        ConfigError when wandb is not installed or not logged in: before an hour of training, not after it.
        """
        # Read when wandb is imported: else it tells its makers of its own errors.
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
        try:
            import wandb
        except ImportError as error:
            raise ConfigError(
                "track.wandb: wandb is not installed; `pip install 'flinch[track]'`, or leave it off"
            ) from error
        # Kept runs are joined when they are sent: `wandb sync --append`.
        offline = wandb.setup().settings.mode == "offline"
        before = (folder / "wandb").exists()
        try:
            self._run: Any = wandb.init(
                project=project,
                name=facts.run,
                id=facts.run,
                resume=None if offline else "allow",
                dir=folder,
                config={**facts.recipe, "concept": facts.concept, "contract": facts.contract},
                settings=_settings(wandb),
            )
        except (wandb.Error, OSError) as error:
            reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
            raise ConfigError(
                f"track.wandb: {reason}; log in with `wandb login`, set WANDB_MODE=offline, or leave it off"
            ) from error
        self._stages: set[str] = set()
        for row in () if before else known:
            self.epoch(row.stage, row.epoch, row.numbers)

    def epoch(self, stage: str, epoch: int, numbers: Numbers) -> None:
        """Send an epoch; each stage has its own axis of epochs."""
        if stage not in self._stages:
            self._stages.add(stage)
            self._run.define_metric(f"{stage}/epoch", hidden=True)
            self._run.define_metric(f"{stage}/*", step_metric=f"{stage}/epoch")
        measured = {f"{stage}/{name}": value for name, value in numbers.items() if value is not None}
        self._run.log({f"{stage}/epoch": epoch} | measured)

    def note(self, numbers: Numbers) -> None:
        """Send the last numbers as the run's summary."""
        self._run.summary.update({name: value for name, value in numbers.items() if value is not None})

    def close(self) -> None:
        """Wait until everything is sent or on disk."""
        self._run.finish()


def _settings(wandb: Any) -> Any:
    """Return settings under which wandb sends what it is told and looks at nothing by itself.

    Left to itself it sends the console, the code, the packages, the host's name and the load of the machine.
    """
    return wandb.Settings(
        console="off",
        disable_code=True,
        disable_git=True,
        disable_job_creation=True,
        host="",
        save_code=False,
        silent=True,
        x_disable_machine_info=True,
        x_disable_meta=True,
        x_disable_stats=True,
        x_save_requirements=False,
    )
