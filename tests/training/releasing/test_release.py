"""A bundle reaches the readers' extension when the gate says yes, or by force that it carries with it."""

import csv
import io
import json
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.bundle import Bundle
from store.database import Store, open_store
from store.errors import InputError
from store.home import Home
from synthetic import draw
from training.releasing.release import release
from training.releasing.release_checks import (
    check_against_released,
    check_end_to_end,
    check_golden,
    check_not_worse,
    keras_of,
)
from training.releasing.release_folder import released_manifest, without_folders
from training.releasing.release_pictures import Comparable, Picture, held_out_pictures, sample

COUNT = 40


@pytest.fixture(scope="module")
def store(exported: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store with one snapshot of pictures: JPEG files, half positive."""
    opened = open_store(Home.from_environment({"FLINCH_HOME": str(tmp_path_factory.mktemp("store") / "home")}))
    rows = []
    for seed in range(COUNT):
        data = io.BytesIO()
        Image.fromarray(draw(seed, positive=seed % 2 == 1).pixels).save(data, "JPEG", quality=80)
        digest = opened.blobs.put(data.getvalue())
        rows.append((digest, exported.classes[seed % 2], ("val", "test", "train", "test")[seed // 2 % 4], digest))
    manifest = io.StringIO()
    csv.writer(manifest, lineterminator="\n").writerows([("sha256", "label", "split", "group"), *sorted(rows)])
    frozen = manifest.getvalue().encode()
    (opened.home.snapshots / f"{sha256(frozen).hexdigest()}.csv").write_bytes(frozen)
    return opened


@pytest.fixture
def trained(exported: Bundle, store: Store) -> Bundle:
    """Return the bundle, saying that it was trained on the store's snapshot."""
    [manifest] = store.home.snapshots.glob("*.csv")
    return replace(exported, snapshot_id=manifest.stem)


@pytest.fixture
def keeping(trained: Bundle) -> Bundle:
    """Return the bundle, saying that its threshold keeps its contract."""
    return replace(trained, threshold={**trained.threshold, "met": True})


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tmp_path / "extension" / "model"


def test_what_passes_is_released_and_a_later_one_is_held_against_it(store: Store, keeping: Bundle, model: Path):
    model.parent.mkdir()
    # Made before records named their files: the release measures, and says on what.
    older = replace(keeping, parity=replace(keeping.parity, files={}))

    first = release(store, keeping, model, pictures=20)
    second = release(store, older, model, pictures=20)

    assert first.reasons == second.reasons == ()
    assert (first.replaced, second.replaced) == (None, keeping.id)
    assert [check.name for check in second.checks] == ["parity", "end to end", "not worse", "threshold", "purpose"]
    by_name = {check.name: check.numbers for check in second.checks}
    assert by_name["parity"]["chromium"] < 0.01
    # JPEG files, decoded and resized by Chromium and by Python.
    assert by_name["end to end"]["largest"] < 0.01
    assert by_name["end to end"]["pictures"] == 20
    assert by_name["not worse"]["auc"]["interval"] == [0, 0]
    assert by_name["not worse"]["lineage_known"]
    manifest = released_manifest(model)
    assert manifest is not None
    assert manifest["released"]["replaced"] == keeping.id
    assert "forced" not in manifest
    assert manifest["parity"]["files"] == manifest["files"]
    assert manifest["parity"]["tfjs"] >= by_name["parity"]["chromium"]
    assert {path.suffix for path in model.iterdir()} == {".json", ".bin", ".md"}
    assert (model / "RELEASES.md").read_text().count(keeping.id) == 2
    assert [path.name for path in model.parent.iterdir() if path.name.startswith(".")] == [".model-lock"]


def test_a_broken_contract_is_refused_and_force_is_written_into_the_bundle(
    store: Store, trained: Bundle, model: Path, monkeypatch: pytest.MonkeyPatch
):
    model.parent.mkdir()
    # Without a browser the checks that need one say so, and the others are still made.
    monkeypatch.setenv("PATH", str(model.parent))

    refused = release(store, trained, model)
    tried = release(store, trained, model, force=True, dry_run=True)

    assert len(refused.reasons) == 2
    assert "no Chromium" in refused.reasons[0]
    assert "does not keep precision >= 0.97" in refused.reasons[1]
    assert not refused.placed
    assert not tried.placed
    assert not model.exists()

    forced = release(store, trained, model, force=True)

    assert forced.placed
    manifest = json.loads((model / "bundle.json").read_text())
    assert manifest["forced"]["reasons"] == list(refused.reasons)
    assert manifest["parity"] == asdict(trained.parity)
    assert "| yes |" in (model / "RELEASES.md").read_text()


def test_what_is_published_names_no_folder_of_the_machine(
    store: Store, trained: Bundle, model: Path, monkeypatch: pytest.MonkeyPatch
):
    model.parent.mkdir()
    browser = model.parent / "chromium"

    def judge(*_):
        raise InputError(f"{browser}: gave no answer of {store.home.blobs / 'ab' / 'abcd'}")

    monkeypatch.setattr("training.releasing.release.judge_in_chromium", judge)

    forced = release(store, trained, model, force=True)

    assert str(browser) in forced.reasons[0]
    manifest = json.loads((model / "bundle.json").read_text())
    assert manifest["forced"]["reasons"][0].endswith(": chromium: gave no answer of blobs/ab/abcd")
    assert manifest["released"]["checks"][0]["says"] == manifest["forced"]["reasons"][0]
    published = "".join(path.read_text() for path in model.iterdir() if path.suffix in (".json", ".md"))
    assert str(model.parent) not in published
    assert str(store.home.path) not in published


@pytest.mark.parametrize(
    ("said", "published"),
    [
        ("/home/alice/x/parity.mjs is missing; run it", "parity.mjs is missing; run it"),
        ("/My Disk/flinch/build/parity.mjs is missing", "build/parity.mjs is missing"),
        ("TF.js failed (at file:///home/alice/x/a.mjs:12:3)", "TF.js failed (at a.mjs:12:3)"),
        ("[Errno 2] No such file: '/opt/node/bin/node'", "[Errno 2] No such file: 'node'"),
        ("error:~/x/y, error:/srv/a/", "error:y, error:a"),
        ("val/test, see https://nodejs.org/en/download", "val/test, see https://nodejs.org/en/download"),
        ("0.97 / 0.5 of build/a.mjs and ../b.mjs", "0.97 / 0.5 of build/a.mjs and ../b.mjs"),
    ],
)
def test_of_an_absolute_path_its_last_part_stays(said, published):
    assert without_folders(said, [Path("/My Disk/flinch"), Path("/")]) == published


def test_a_difference_in_the_browser_is_refused_with_the_picture_that_shows_it(store: Store, trained: Bundle):
    pictures = sample(held_out_pictures(store, trained), "trypophobia", 4)
    golden = np.array([item.probabilities for item in trained.golden])
    changed = golden.copy()
    changed[3] += 0.02

    keras_says = keras_of(trained)
    on_golden = check_golden(trained, keras_says, changed)
    assert not on_golden.passed
    assert "golden picture 3" in on_golden.says
    assert not check_end_to_end(trained, keras_says, pictures, np.full((4, 2), 0.5)).passed


def test_a_model_is_refused_when_it_is_worse_beyond_chance_and_not_before():
    rng = np.random.default_rng(1)
    truth = np.arange(800) % 8 == 0
    before = 0.3 + 0.4 * truth + rng.normal(0, 0.12, 800)
    groups = [str(number // 2) for number in range(800)]

    def check(first, second, n=800):
        return check_not_worse(truth[:n], np.clip(first[:n], 0, 1), np.clip(second[:n], 0, 1), groups[:n])

    slightly = check(before, before + rng.normal(0, 0.01, 800))
    much = check(before, before + rng.normal(0, 0.2, 800))
    better = check(before + rng.normal(0, 0.2, 800), before)
    few = check(before, before, 9)

    assert slightly.passed
    assert better.passed
    assert not much.passed
    assert much.says.startswith("worse than the released model in AUC")
    assert not few.passed
    assert few.says == (
        "not worse: 2 positive test pictures in 2 groups and 7 normal test pictures in 4 groups are too few to tell"
    )


def test_one_group_of_normal_pictures_that_a_model_mistakes_does_not_refuse_it():
    rng = np.random.default_rng(3)
    truth = np.arange(900) < 100
    before = np.where(truth, rng.uniform(0.4, 0.9, 900), rng.uniform(0, 0.45, 900))
    groups = [str(min(number, 890)) for number in range(900)]
    after = np.where(np.arange(900) < 890, before, 0.8)

    found = check_not_worse(truth, before, after, groups)

    assert found.passed
    assert found.numbers["recall_at_fpr_0.005"]["value"] < -0.5
    assert found.numbers["recall_at_fpr_0.005"]["interval"][1] == 0


def test_few_normal_pictures_leave_the_verdict_to_the_auc():
    rng = np.random.default_rng(2)
    truth = np.arange(299) < 100
    before = np.clip(0.3 + 0.4 * truth + rng.normal(0, 0.12, 299), 0, 1)
    # Its highest normal picture lies above all positives: no recall at all where not one may be covered.
    outdone = np.where(np.arange(299) == 298, 1, before * 0.99)
    groups = [str(number) for number in range(299)]

    as_good = check_not_worse(truth, before, outdone, groups)
    worse = check_not_worse(truth, before, np.clip(before + rng.normal(0, 0.3, 299), 0, 1), groups)
    one_more = check_not_worse(np.r_[truth, False], np.r_[before, 0.1], np.r_[outdone, 0.1], [*groups, "299"])

    assert as_good.passed
    assert as_good.says.endswith("recall at FPR 0.5 % cannot be told on 199 normal pictures")
    assert as_good.numbers["recall_at_fpr_0.005"]["interval"] is None
    assert not worse.passed
    assert worse.says.startswith("worse than the released model in AUC on")
    assert one_more.numbers["recall_at_fpr_0.005"]["interval"] is not None


def answers_on(test: Comparable, bundle: Bundle, seed: int = 1) -> np.ndarray:
    """Return probabilities [n, classes] that tell the classes apart, but not without a mistake."""
    truth = np.array([picture.label == bundle.positive for picture in test.pictures], bool)
    found = np.clip(0.3 + 0.4 * truth + np.random.default_rng(seed).normal(0, 0.2, len(truth)), 0, 1)
    return np.stack([1 - found, found] if bundle.positive_index else [found, 1 - found], axis=1)


def test_a_comparison_says_when_it_is_not_known_what_the_models_were_trained_on(exported: Bundle, tmp_path: Path):
    labels = [exported.classes[number % 2] for number in range(500)]
    pictures = [Picture(tmp_path, label, "test", str(number)) for number, label in enumerate(labels)]

    def check(lineage_known: bool):
        test = Comparable(pictures, lineage_known=lineage_known)
        answers = answers_on(test, exported)
        return check_against_released(exported, exported.as_json(), test, answers, answers)

    known, unknown = check(lineage_known=True), check(lineage_known=False)

    assert known.passed
    assert unknown.passed
    assert "known" not in known.says
    assert "not all that the models were trained on is known here" in unknown.says
    assert (known.as_json()["lineage_known"], unknown.as_json()["lineage_known"]) == (True, False)


def test_a_comparison_without_pictures_says_what_became_of_them(exported: Bundle, tmp_path: Path):
    none = np.empty((0, 2))
    positives = [Picture(tmp_path, exported.positive, "test", str(number)) for number in range(9)]

    def says(test: Comparable, answers: np.ndarray) -> str:
        check = check_against_released(exported, exported.as_json(), test, answers, answers)
        assert not check.passed
        assert (check.numbers["deleted"], check.numbers["learnt"]) == (test.deleted, test.learnt)
        return check.says

    deleted = says(Comparable([], deleted=12), none)
    learnt = says(Comparable([], learnt=8), none)
    one_kind = says(Comparable(positives), np.full((9, 2), 0.5))

    assert deleted.endswith("are too few to tell; 12 more are no longer in the store")
    assert "trained" not in deleted
    assert learnt.endswith("; 8 more are left out: a model was trained on them or on near-duplicates")
    assert "9 positive test pictures in 9 groups and 0 normal test pictures in 0 groups" in one_kind


def test_a_released_model_that_somebody_changed_is_named(tmp_path: Path):
    (tmp_path / "model.json").write_text("{}")
    (tmp_path / "bundle.json").write_text('{"id": "older", "files": {"model.json": "00"}}')

    with pytest.raises(InputError, match=r"model\.json is not the file that was released"):
        released_manifest(tmp_path)


def test_a_bundle_of_another_home_is_refused(exported: Bundle, home: Home, model: Path):
    model.parent.mkdir()
    home.prepare()

    with pytest.raises(InputError, match=r"the snapshot of .* is not here"):
        release(open_store(home), exported, model)
