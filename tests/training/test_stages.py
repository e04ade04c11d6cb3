"""Students killed while their teachers speak, and again while they learn, end as if nothing had happened."""

import json
from pathlib import Path

from tests.pictures import png
from tests.trained import ROOT, flinch, kill_when, lend_weights

TAUGHT = ROOT / "tests" / "journey" / "taught.toml"


def test_what_teachers_have_said_and_students_have_learnt_survives_a_kill(tmp_path: Path):
    home = tmp_path / "home"
    lend_weights(home)
    flinch(home, "synthesize", "--concept", TAUGHT)
    (tmp_path / "loose").mkdir()
    for number in range(6):
        (tmp_path / "loose" / f"{number}.png").write_bytes(png(number))
    flinch(home, "import", tmp_path / "loose", "--map", ".=?", "--concept", TAUGHT)
    arguments = ["train", "--concept", str(TAUGHT), "--extension", str(tmp_path), "--json"]

    kill_when(home, arguments, lambda: list(home.glob("cache/answers/*/answers-000.npz")))
    [kept] = home.glob("cache/answers/*/answers-000.npz")
    said_at = kept.stat().st_mtime_ns
    kill_when(home, arguments, lambda: epoch_of(home, "student-2") == 1)
    resumed = flinch(home, "-v", *arguments)

    assert resumed.returncode == 0, resumed.stderr
    assert "resuming after epoch 2" in resumed.stderr
    assert "resuming after epoch 1" in resumed.stderr
    assert "of 2 students: val average precision" in resumed.stderr
    assert "6 without a label" in resumed.stderr
    # The answers are complete: no teacher is asked again.
    assert "teacher 1 of 1" not in resumed.stderr
    assert kept.stat().st_mtime_ns == said_at
    outcome = json.loads(resumed.stdout)
    bundle = json.loads((Path(outcome["bundle"]) / "bundle.json").read_text())
    assert bundle["backbone"]["cut"] == "conv_pw_6"
    # What the student saw with is not shipped.
    assert "mimic" not in (Path(outcome["bundle"]) / "model.json").read_text()


def epoch_of(home: Path, student: str) -> int | None:
    """Return how many epochs a student has learnt for; None before its first checkpoint."""
    states = list(home.glob(f"cache/fits/*/{student}/state.json"))
    return json.loads(states[0].read_text())["schedule"]["epoch"] if states else None
