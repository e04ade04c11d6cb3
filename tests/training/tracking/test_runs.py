"""Runs are listed as what they are, compared honestly, and drawn; read from folders that a training would leave."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from store.errors import InputError
from store.home import Home
from store.locks import locked
from training.reporting.runs_plot import write_plot
from training.runs_commands import runs as command
from training.tracking.metrics_file import Lines, Row
from training.tracking.runs import find_runs, read_run, read_runs
from training.tracking.runs_table import compare, compare_table, flattened, list_table, one_table
from training.tracking.tracker import RunFacts

OLD, NEW, KILLED = "holes-aaaa000011112222", "holes-aabb000011112222", "holes-cccc000011112222"


def metrics(auc: float) -> dict:
    return {
        "n": 100,
        "positives": 20,
        "auc": auc,
        "average_precision": auc - 0.1,
        "precision": 0.95,
        "recall": 0.5,
        "recall_at_fpr": {"0.005": auc - 0.3},
    }


def lay_run(home: Home, name: str, started: str, alpha: float, epochs: int) -> Path:
    """Write what a training leaves from its start on."""
    folder = home.runs / name
    lines = Lines(folder / "metrics.jsonl")
    for epoch in range(1, epochs + 1):
        lines.add(Row("head", epoch, {"loss": 1 / epoch, "val_auc": 1 - 0.5 / epoch}, "2026-11-20T10:00:00+00:00"))
    lines.note({"cost/macs": 5e8 * alpha, "test/auc": 0.5})
    facts = RunFacts(
        run=name,
        concept="holes",
        contract="precision >= 0.97",
        weights="keras",
        recipe={
            "backbone": "mobilenet_v1",
            "alpha": alpha,
            "cut": "conv_pw_5",
            "input_size": 96,
            "head": {"dropout": [0.3]},
        },
        snapshot={"id": "5e" * 32},
    )
    (folder / "run.json").write_text(json.dumps({"started_at": started} | vars(facts)))
    return folder


def lay_bundle(home: Home, name: str, auc: float, alpha: float) -> Path:
    """Write what ``flinch runs`` reads of a bundle."""
    folder = home.bundles / name
    (folder / "saved_model").mkdir(parents=True)
    for file in ("model.json", "saved_model/saved_model.pb", "model.keras"):
        (folder / file).write_text("{}")
    (folder / "group1-shard1of1.bin").write_bytes(bytes(int(1e6 * alpha)))
    bundle = {
        "format": 1,
        "id": name,
        "concept": "holes",
        "created_at": "2026-11-20T09:30:00Z",
        "backbone": {"name": "mobilenet_v1", "alpha": alpha, "weights": "keras", "cut": "conv_pw_11"},
        "input": {"size": 96},
        "threshold": {"value": 0.5, "contract": "precision >= 0.97", "met": True, "chosen_on": "val"},
        "metrics": {"val": metrics(auc), "test": metrics(auc - 0.01)},
        "snapshot_id": "5e" * 32,
    }
    (folder / "bundle.json").write_text(json.dumps(bundle))
    return folder


@pytest.fixture
def home(tmp_path):
    """Two finished runs and one that was killed in its second line."""
    home = Home(tmp_path, "sqlite://")
    home.prepare()
    for name, started, alpha, auc in (
        (OLD, "2026-11-20T09:00:00+00:00", 1.0, 0.9),
        (NEW, "2026-11-20T10:00:00+00:00", 0.25, 0.95),
    ):
        lay_run(home, name, started, alpha, epochs=3)
        lay_bundle(home, name, auc, alpha)
        (home.runs / name / "report.html").write_text("<!doctype html>")
    killed = lay_run(home, KILLED, "2026-11-20T08:00:00+00:00", 0.5, epochs=2)
    with (killed / "metrics.jsonl").open("a") as file:
        file.write('{"stage": "he')
    return home


@pytest.fixture
def run(home):
    """Run the command on the home, in this process."""

    def run(*arguments):
        return CliRunner().invoke(command, list(map(str, arguments)), env={"FLINCH_HOME": str(home.path)})

    return run


def test_runs_are_listed_the_newest_first_with_how_they_ended(home):
    runs = read_runs(home)

    assert [(run.name, run.state) for run in runs] == [(NEW, "finished"), (OLD, "finished"), (KILLED, "unfinished")]
    table = list_table(runs).splitlines()
    assert table[1].split()[:4] == [NEW, "2026-11-20", "10:00", "mobilenet_v1:0.25@96:conv_pw_5"]
    assert "0.950 / 0.940 / -" in table[1]
    assert table[3].endswith("unfinished")
    assert runs[2].epochs == {"head": 2}


@pytest.mark.parametrize(
    ("damage", "trouble"),
    [
        (lambda home: (home.bundles / NEW / "model.json").unlink(), "the bundle has no model.json"),
        (lambda home: (home.bundles / NEW / "bundle.json").write_text("{"), "bundle.json cannot be read"),
        (lambda home: (home.bundles / NEW / "bundle.json").write_text('{"metrics": 1}'), "bundle.json has no"),
        (lambda home: (home.runs / NEW / "run.json").write_text("[]"), "run.json is no JSON object"),
        (
            lambda home: (home.runs / NEW / "metrics.jsonl").write_text("?\n"),
            "metrics.jsonl: a line",
        ),
    ],
)
def test_a_damaged_run_says_what_is_wrong_with_it_and_the_others_are_listed(home, damage, trouble):
    damage(home)

    runs = {run.name: run for run in read_runs(home)}

    assert runs[NEW].state == "damaged"
    assert trouble in runs[NEW].trouble
    assert runs[OLD].state == "finished"
    assert trouble in list_table(list(runs.values()))
    assert trouble in one_table(runs[NEW])


def hold(home: Home, name: str) -> Path:
    """Let a run name a lock, and return that."""
    lock = home.path / "fit.lock"
    file = home.runs / name / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"lock": str(lock)}))
    return lock


def test_a_run_whose_lock_is_held_is_running(home):
    lock = hold(home, KILLED)

    with locked(lock):
        held = read_run(home, KILLED).state

    assert held == "running"
    assert read_run(home, KILLED).state == "unfinished"


def test_a_bundle_without_its_report_is_of_a_run_that_is_not_finished(home):
    lock = hold(home, NEW)
    (home.runs / NEW / "report.html").unlink()

    with locked(lock):
        made_anew = read_run(home, NEW)
    killed = read_run(home, NEW)

    assert (made_anew.state, killed.state) == ("running", "unfinished")
    assert killed.number("test", "auc") == pytest.approx(0.94)


def test_a_last_line_that_was_torn_before_the_report_is_no_damage(home):
    (home.runs / NEW / "report.html").unlink()
    with (home.runs / NEW / "metrics.jsonl").open("a") as file:
        file.write('{"test/a')

    assert (read_run(home, NEW).state, read_run(home, NEW).trouble) == ("unfinished", "")


def test_a_finished_run_stays_so_while_another_contract_is_tried_on_its_fit(home):
    with locked(hold(home, NEW)):
        assert read_run(home, NEW).state == "finished"


def test_a_run_from_before_there_was_a_run_file_is_known_by_its_bundle(home):
    for file in ("run.json", "metrics.jsonl"):
        (home.runs / OLD / file).unlink()

    old = read_run(home, OLD)

    assert (old.state, old.started_at) == ("finished", "2026-11-20T09:30:00Z")
    assert old.network == "mobilenet_v1:1.0@96:conv_pw_11"
    assert old.epochs == {}


@pytest.mark.parametrize("name", [NEW, "holes-aab", "aab", "aabb000011112222"])
def test_a_run_may_be_named_by_its_beginning(home, name):
    assert [run.name for run in find_runs(read_runs(home), [name, NEW])] == [NEW]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("aa", "'aa' is the beginning of 2 runs"),
        ("holes-aabb00001111222x", f"did you mean '{NEW}'"),
        ("zebra", "no run is called 'zebra'; `flinch runs` lists them"),
    ],
)
def test_a_name_that_means_no_run_or_several_is_refused_with_the_way_out(home, name, message):
    with pytest.raises(InputError) as refused:
        find_runs(read_runs(home), [name])

    assert message in str(refused.value)


def test_a_comparison_shows_what_differs_and_marks_the_best_of_each_row(home):
    table = compare_table(compare(find_runs(read_runs(home), [OLD, NEW])), lambda cell: cell.upper())

    rows = {line[:40].split("  ")[0]: line.split("  ") for line in table.splitlines()}
    cells = {name: [cell.strip() for cell in row[1:] if cell.strip()] for name, row in rows.items()}
    assert cells["alpha"] == ["1.0", "0.25"]
    assert cells["AUC, test"] == ["0.890", "0.940 *"]
    assert cells["precision at its threshold, test"] == ["0.950", "0.950"]
    assert cells["browser files"] == ["1.00 MB", "0.25 MB *"]
    assert cells["multiply-adds"] == ["500 M", "125 M *"]
    assert cells["head: best val auc"] == ["0.833", "0.833"]
    assert not {"backbone", "parameters"} & rows.keys()
    assert "note:" not in table


def test_teachers_are_compared_key_by_key():
    recipe = {"distill": {"teachers": [{"alpha": 1.0}, {"alpha": 0.5}]}, "head": {"hidden": []}}

    assert flattened(recipe) == {
        "distill.teachers.0.alpha": 1.0,
        "distill.teachers.1.alpha": 0.5,
        "head.hidden": [],
    }


def test_runs_on_other_labels_or_without_an_end_are_not_compared_in_silence(home):
    old, new, killed = find_runs(read_runs(home), [OLD, NEW, KILLED])
    other = replace(new, bundle={**new.bundle, "snapshot_id": "6f" * 32})

    warnings = compare([old, other, killed]).warnings

    assert any("different snapshots" in warning for warning in warnings)
    assert any(KILLED in warning for warning in warnings)


def test_the_command_lists_shows_compares_and_draws(run, tmp_path):
    listed, one, both = run(), run("aab"), run("aaaa", "aab", "--plot", tmp_path / "curves.svg")
    as_json = json.loads(run("--json").stdout)

    assert [result.exit_code for result in (listed, one, both)] == [0, 0, 0]
    assert NEW in listed.stdout
    assert "head.dropout" in one.stdout
    assert "0.940 *" in both.stdout
    assert (tmp_path / "curves.svg").read_text().startswith("<?xml")
    assert [found["state"] for found in as_json["runs"]] == ["finished", "finished", "unfinished"]
    assert as_json["runs"][0]["metrics"]["test"]["auc"] == pytest.approx(0.94)


def test_an_empty_home_has_no_runs_and_says_what_makes_one(tmp_path):
    result = CliRunner().invoke(command, [], env={"FLINCH_HOME": str(tmp_path / "none")})

    assert result.exit_code == 0
    assert result.stdout == "no runs yet; `flinch train` makes one\n"
    assert not (tmp_path / "none").exists()


def test_the_drawing_stands_alone_and_the_page_holds_it_with_the_comparison(home, tmp_path):
    from xml.etree import ElementTree

    runs = find_runs(read_runs(home), [OLD, NEW])

    write_plot(tmp_path / "curves.svg", runs)
    write_plot(tmp_path / "curves.html", runs)

    drawing = ElementTree.parse(tmp_path / "curves.svg").getroot()  # noqa: S314
    assert drawing.tag.endswith("svg")
    assert "--series-0:" in (tmp_path / "curves.svg").read_text()
    page = (tmp_path / "curves.html").read_text()
    assert "<strong>0.940 *</strong>" in page
    assert page.count("<svg") == 1
    assert "http" not in page.replace("http://www.w3.org", "").replace("http-equiv", "")


@pytest.mark.parametrize("file", ["curves.png", "curves"])
def test_another_kind_of_drawing_is_refused(home, tmp_path, file):
    with pytest.raises(InputError, match=r"\.svg or as \.html"):
        write_plot(tmp_path / file, read_runs(home))


def test_runs_without_an_epoch_cannot_be_drawn(home, tmp_path):
    with pytest.raises(InputError, match="none of these runs has curves"):
        write_plot(tmp_path / "curves.svg", [replace(run, rows=()) for run in read_runs(home)])
