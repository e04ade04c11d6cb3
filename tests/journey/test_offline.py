"""After set-up a training needs no network, and without weights it says what to do."""

from pathlib import Path

from tests.trained import TINY, Road, flinch, offline


def test_a_training_after_set_up_needs_no_network(road: Road):
    assert "weights from cache" in road.told


def test_without_weights_and_network_one_line_names_the_ways_out(tmp_path: Path):
    # A home of its own: in a copy of the road's the earlier bundle would be the way out.
    drawn = flinch(tmp_path / "home", "synthesize", "--concept", TINY, "--count", "60")
    assert drawn.returncode == 0, drawn.stderr

    refused = offline(tmp_path / "home", "train", "--concept", TINY, "--extension", tmp_path)

    said = [line for line in refused.stderr.splitlines() if line.startswith("flinch: ")]
    assert refused.returncode == 6, refused.stderr
    assert said == refused.stderr.splitlines()[-1:]
    assert "Traceback" not in refused.stderr
    for way_out in ("run `flinch weights` once", "choose a network with a mirror", "start from an earlier bundle"):
        assert way_out in said[0]
