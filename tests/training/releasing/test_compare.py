"""Networks side by side: what each gives, what it costs, and which are beaten by another."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from inference.bundle import Bundle
from store.config import TrainConfig, load_config
from store.database import open_store
from store.errors import ConfigError, InputError
from store.home import Home
from tests.trained import Road, unexamined
from training.browser.timing import Milliseconds, Spread, reference
from training.releasing.compare import Comparison, Row, compare, pareto_front, rows_of_runs
from training.releasing.compare_page import page, table, write_page
from training.releasing.contenders import USUAL, Contender, parse_contender
from training.tracking.tracker import REPORT


def row(network: str, accuracy: float | None, ms: float | None, **more) -> Row:
    spread = None if ms is None else Spread(ms, ms, ms, ms)
    time = None if spread is None else Milliseconds(spread, spread, 5)
    metrics = {"val": {"average_precision": accuracy}, "test": {"auc": 0.9}}
    return Row(network, bundle=network, metrics=metrics, time=time, macs=10, parameters=10, bytes=10, **more)


@pytest.fixture
def comparison() -> Comparison:
    rows = (
        row("cheap", 0.8, 1.0, front=True),
        row("dear", 0.9, 4.0, front=True),
        row("beaten", 0.7, 2.0),
        Row("<b>mobilenet_v3", reason="TF.js has no kernel for it"),
    )
    return Comparison("trypophobia", rows, "ms", 40.0, ("mobilenet_v3: TF.js has no kernel for it",))


def test_on_the_front_are_those_that_nobody_beats_in_accuracy_and_cost():
    rows = [row("a", 0.9, 3.0), row("b", 0.8, 1.0), row("c", 0.8, 2.0), row("d", 0.7, 4.0), row("twin", 0.9, 3.0)]
    rows += [row("untimed", 0.99, None), row("undefined", None, 0.1)]

    assert pareto_front(rows, "ms") == [True, True, False, False, True, False, False]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("mobilenet_v1:0.5@160:conv_pw_11", Contender("mobilenet_v1", 0.5, 160, "conv_pw_11")),
        ("mobilenet_v1", Contender("mobilenet_v1", 0.25, 96)),
        ("mobilenet_v2@128", Contender("mobilenet_v2", 1.0, 128)),
        ("mobilenet_v2:block_12", Contender("mobilenet_v2", 1.0, 96, "block_12")),
    ],
)
def test_a_word_names_a_network_and_the_recipe_fills_in_the_rest(word: str, expected: Contender):
    recipe = TrainConfig(backbone="mobilenet_v1", alpha=0.25, input_size=96)

    assert parse_contender(word, recipe) == expected
    assert parse_contender(str(expected), recipe) == expected


def test_the_usual_networks_can_be_read_and_nonsense_is_refused_with_the_form():
    recipe = TrainConfig()

    assert [str(parse_contender(word, recipe)) for word in USUAL]
    with pytest.raises(ConfigError, match=r"cannot read the network 'mobilenet v1'; write NAME\[:ALPHA\]"):
        parse_contender("mobilenet v1", recipe)


def test_another_network_is_fine_tuned_from_its_own_middle():
    concept = load_config("trypophobia")
    assert concept.train.unfreeze_from != "auto"

    other = Contender("mobilenet_v1", 1.0, 128).concept(concept, 0).train

    assert (other.unfreeze_from, other.cut, other.fine_tune_epochs) == ("auto", "", 0)


def test_the_page_stands_alone_and_says_in_words_what_the_chart_shows(comparison: Comparison):
    html = page(comparison, "today")

    assert html.count("<svg") == 1
    assert re.search(r'role="img" aria-label="[^"]*Pareto front by ms an image: 1, 2\.', html)
    assert not re.search(r"(src|href)=\"(?!#)", html)
    assert "<b>" not in html
    assert "TF.js has no kernel for it" in html
    assert html.count('<th scope="row" class="word">') == 4
    assert "mathdefault" not in html


def test_the_table_stars_the_front_and_gives_times_as_shares_of_the_reference(comparison: Comparison):
    lines = table(comparison).splitlines()

    assert re.match(r"1 +cheap +\* +0\.8000 .* 1\.00 +0\.025", lines[1])
    assert re.match(r"3 +beaten +0\.7000", lines[3])
    assert lines[-2:] == ["of v1@224: share of MobileNet v1 1.0 at 224 px, 40.0 ms", comparison.notes[0]]


def test_two_comparisons_of_the_same_networks_are_one_file(comparison: Comparison, tmp_path: Path):
    first = write_page(comparison, tmp_path)
    again = write_page(comparison, tmp_path)
    other = write_page(replace(comparison, rows=comparison.rows[:2]), tmp_path)

    assert first == again != other
    assert json.loads(first.with_suffix(".json").read_text())["rows"][0]["network"] == "cheap"


@pytest.fixture(scope="module")
def reference_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache with the network that all times are compared with: its conversion takes ten seconds."""
    cache = tmp_path_factory.mktemp("cache")
    reference(cache)
    return cache


def test_a_finished_bundle_gets_its_costs_and_its_time_beside_the_reference(
    exported: Bundle, home: Home, reference_cache: Path
):
    home.prepare()
    shutil.copytree(reference_cache, home.cache, dirs_exist_ok=True)
    store = open_store(home)

    found = compare(store, load_config("trypophobia"), rows_of_runs(store, [str(exported.path)]), print)

    [measured] = found.rows
    assert measured.network == "mobilenet_v1:0.25@32"
    assert measured.ms is not None
    assert measured.macs is not None
    assert 0 < measured.macs < 1e6
    # A 32 px picture of a quarter's width against 224 px of the whole: 600 times fewer multiplications.
    share = found.relative(measured)
    assert share is not None
    assert 0 < share < 0.2


def test_without_a_browser_the_times_are_missing_and_the_front_goes_by_multiplications(
    exported: Bundle, home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    home.prepare()
    store = open_store(home)
    reference(home.cache, Path.mkdir)
    monkeypatch.setenv("PATH", str(tmp_path))

    found = compare(store, load_config("trypophobia"), rows_of_runs(store, [str(exported.path)]), print)

    assert found.cost == "macs"
    assert any("not measured: no Chromium" in note for note in found.notes)
    assert "not measured" in table(found)


def test_a_run_counts_once_it_has_its_report(exported: Bundle, home: Home):
    home.prepare()
    (home.runs / exported.id).mkdir(parents=True)
    shutil.copytree(exported.path, home.bundles / exported.id)
    store = open_store(home)

    [killed] = rows_of_runs(store, [exported.id])
    (home.runs / exported.id / REPORT).write_text("")
    [finished] = rows_of_runs(store, [exported.id])

    assert killed.bundle == ""
    assert f"{exported.id} is unfinished" in killed.reason
    assert finished.bundle == str(home.bundles / exported.id)
    assert finished.reason == ""


def test_a_run_that_is_not_there_is_named(home: Home):
    home.prepare()

    with pytest.raises(InputError, match="no run is called 'abcd'"):
        rows_of_runs(open_store(home), ["abcd"])


def test_the_command_trains_what_can_be_trained_and_says_why_of_the_rest(
    trip: Road, tmp_path: Path, reference_cache: Path
):
    shutil.copytree(reference_cache, trip.home / "cache", dirs_exist_ok=True)

    networks = "mobilenet_v1,mobilenet_v3,mobilenet_v1:no_block"
    done = trip.flinch("compare", "--concept", unexamined(tmp_path), "--backbones", networks, "--json")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    trained, unexportable, misspelt = found["rows"]
    assert trained["val"]["n"] == trip.outcome["metrics"]["val"]["n"]
    assert trained["ms"] > 0
    assert trained["front"]
    assert "cannot be exported" in unexportable["reason"]
    assert "has no block 'no_block'" in misspelt["reason"]
    assert Path(found["page"]).is_file()


def test_the_networks_are_told_with_their_reasons(run_flinch):
    told = {fact["name"]: fact for fact in json.loads(run_flinch("compare", "--known", "--json").stdout)}

    assert told["mobilenet_v2"]["exportable"]
    assert "hard swish" in told["mobilenet_v3"]["why_not"]
    assert told["tiny"]["parameters"] < 100_000
    assert "random" in told["resnet50_thin"]["weights"]
