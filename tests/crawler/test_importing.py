"""Importing a folder: what is kept, what is counted, and that doing it again changes nothing."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crawler.candidates import parse_map
from crawler.folder import list_folder
from crawler.importing import BATCH, Tally, import_listing, known_places
from store.database import Store, open_store
from store.errors import InputError, StoreError
from store.filing import LabelFacts, SightingFacts, file_picture
from store.home import Home
from store.opinions import current_opinions
from store.pictures import check
from store.tables import Image, Label, Origin, Sighting
from tests.conftest import flinch_script
from tests.crawler.huge import flat_png
from tests.pictures import encoded, gradient, jpeg, png
from tests.processes import running
from tests.store.disks import filled

COUNT = 5 * BATCH

SQLITE_ONLY = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


def bring_in(store: Store, root: Path, *rules: str, concept: str = "trypophobia", distance: int = 31) -> Tally:
    classes = parse_map(rules, concept, ("normal", "trypophobia"))
    return import_listing(store, concept, list_folder(root, "folder:photos", classes), distance)


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Everything that an import writes, without ids and times."""
    with store.session() as session:
        images = select(Image.sha256, Image.pdq, Image.size, Image.format, Image.width, Image.height)
        sightings = select(
            Sighting.source, Sighting.post, Image.sha256, Sighting.split, Sighting.group, Sighting.licence
        ).join(Image, Image.id == Sighting.image_id)
        labels = select(Image.sha256, Label.concept, Label.value, Label.origin, Label.by, Label.reason).join(
            Image, Image.id == Label.image_id
        )
        rows = {
            name: sorted(map(tuple, session.execute(query)), key=repr)
            for name, query in {"images": images, "sightings": sightings, "labels": labels}.items()
        }
    # A killed writer may leave a part behind, under a hidden name that nobody reads.
    blobs = [(path.name, path.stat().st_size) for path in store.blobs.root.glob("??/[!.]*")]
    return {**rows, "blobs": sorted(blobs)}


def test_pictures_are_kept_with_their_place_their_class_and_their_bytes(store, folder):
    root = folder({"train/trypophobia/a.png": png(1), "test/normal/b.jpg": jpeg(2)})

    tally = bring_in(store, root)

    held = contents(store)
    assert (tally.kept, dict(tally.by_label)) == (2, {"normal": 1, "trypophobia": 1})
    assert [row[:2] + row[3:] for row in held["sightings"]] == [
        ("folder:photos", "test/normal/b.jpg", "test", None, None),
        ("folder:photos", "train/trypophobia/a.png", "train", None, None),
    ]
    assert {row[2:5] for row in held["labels"]} == {
        ("normal", "weak", "folder:photos"),
        ("trypophobia", "weak", "folder:photos"),
    }
    assert store.blobs.get(check(png(1)).sha256) == png(1)


def test_a_second_import_changes_nothing(store, folder):
    root = folder({"normal/a.png": png(1), "normal/copy.png": png(1)})
    folder({"trypophobia/b.png": png(2), "normal/c.jpg": b"?"})
    bring_in(store, root)
    before = contents(store)

    tally = bring_in(store, root)

    assert (tally.kept, tally.already_there, tally.exact_duplicates) == (0, 3, 0)
    assert tally.unusable == {"not_an_image": 1}
    assert contents(store) == before


def test_what_a_manifest_learns_to_say_is_filed_by_the_next_import(store, folder):
    files = {"a.png": png(1), "b.png": png(2)}
    bring_in(store, folder({**files, "manifest.csv": b"path,label\na.png,normal\nb.png,trypophobia\n"}))
    told = b"path,label,kind,hard_negative\na.png,normal,foam,1\nb.png,trypophobia,coral,0\n"

    tally = bring_in(store, folder({**files, "manifest.csv": told}))

    with store.session() as session:
        held = session.execute(select(Sighting.kind, Sighting.hard_negative).order_by(Sighting.post)).all()
    assert [tuple(row) for row in held] == [("foam", True), ("coral", False)]
    assert (tally.kept, tally.already_there, tally.relabelled) == (0, 2, 0)


def test_a_lost_blob_comes_back_with_the_next_import(store, folder):
    root = folder({"normal/a.png": png(1)})
    bring_in(store, root)
    store.blobs.path(check(png(1)).sha256).unlink()

    bring_in(store, root)

    assert store.blobs.get(check(png(1)).sha256) == png(1)


def test_the_same_bytes_at_two_paths_are_one_picture_seen_twice(store, folder):
    root = folder({"normal/a.png": png(1), "normal/b.png": png(1)})

    tally = bring_in(store, root)

    assert (tally.kept, tally.exact_duplicates, tally.conflicts) == (1, 1, [])
    assert [len(contents(store)[name]) for name in ("images", "sightings", "blobs")] == [1, 2, 1]


def test_near_duplicates_are_found_within_an_import_and_against_the_store(store, folder):
    bring_in(store, folder({"normal/a.jpg": jpeg(1, quality=95)}))

    tally = bring_in(store, folder({"normal/b.jpg": jpeg(1, quality=50), "normal/c.jpg": jpeg(2)}))

    assert (tally.kept, tally.already_there, tally.near_duplicates, tally.conflicts) == (2, 1, 1, [])


def test_how_near_a_near_duplicate_is_the_concept_says(store, folder):
    one, other = check(jpeg(1, quality=95)), check(jpeg(1, quality=20))
    apart = (int.from_bytes(one.pdq, "big") ^ int.from_bytes(other.pdq, "big")).bit_count()
    bring_in(store, folder({"normal/a.jpg": jpeg(1, quality=95)}))

    tally = bring_in(store, folder({"trypophobia/b.jpg": jpeg(1, quality=20)}), distance=apart - 1)

    assert apart > 0
    assert (tally.kept, tally.near_duplicates, tally.conflicts) == (1, 0, [])


def test_flat_pictures_resemble_each_other_by_chance_and_are_no_near_duplicates(store, folder):
    root = folder({"normal/a.png": encoded(gradient(96, 64)), "trypophobia/b.png": encoded(gradient(98, 66))})

    tally = bring_in(store, root)

    assert (tally.kept, tally.near_duplicates, tally.conflicts) == (2, 0, [])


def test_a_near_duplicate_of_another_class_is_a_conflict_that_is_named(store, folder):
    root = folder({"normal/a.jpg": jpeg(1, quality=95), "trypophobia/b.jpg": jpeg(1, quality=50)})

    tally = bring_in(store, root)

    (conflict,) = tally.conflicts
    assert (conflict.place, conflict.label, conflict.other_label) == ("trypophobia/b.jpg", "trypophobia", "normal")
    assert conflict.other_sha256 == check(jpeg(1, quality=95)).sha256
    assert 0 <= conflict.distance <= 31


def test_the_same_bytes_in_two_classes_are_a_conflict(store, folder):
    tally = bring_in(store, folder({"normal/a.png": png(1), "trypophobia/b.png": png(1)}))

    assert [(c.place, c.distance) for c in tally.conflicts] == [("trypophobia/b.png", 0)]


def test_what_a_person_said_is_what_a_conflict_is_measured_against(store, folder):
    picture = check(png(1))
    with store.session() as session:
        said = LabelFacts("trypophobia", "trypophobia", Origin.HUMAN, "ada")
        file_picture(session, store.blobs, png(1), picture, SightingFacts("elsewhere", "1"), said)

    tally = bring_in(store, folder({"normal/a.png": png(1)}))

    assert [c.other_label for c in tally.conflicts] == ["trypophobia"]
    with store.session() as session:
        assert [o.value for o in current_opinions(session, "trypophobia")] == ["trypophobia"]


def test_an_edited_manifest_is_heard_once(store, folder):
    folder({"a.png": png(1), "manifest.csv": b"path,label,split\na.png,normal,train\n"})
    root = folder({"b.png": png(2)})
    bring_in(store, root)
    folder({"manifest.csv": b"path,label,split\na.png,trypophobia,val\n"})

    first, second = bring_in(store, root), bring_in(store, root)

    assert (first.relabelled, first.conflicts, second.relabelled, second.already_there) == (1, [], 0, 1)
    with store.session() as session:
        (opinion,) = current_opinions(session, "trypophobia")
        assert (opinion.value, opinion.disagreement) == ("trypophobia", False)
        assert session.scalars(select(Sighting.split)).all() == ["val"]


def test_a_manifest_may_name_more_sources_than_a_query_takes_values(store, folder):
    folder({"manifest.csv": b"path,label,source\na.png,normal,bees\n"})
    bring_in(store, folder({"a.png": png(1)}))

    known = known_places(store, "trypophobia", {"folder:photos/bees", *map(str, range(70_000))})

    assert list(known) == [("folder:photos/bees", "a.png")]


def test_a_replaced_file_moves_its_place_to_the_new_picture(store, folder):
    bring_in(store, folder({"normal/a.png": png(1)}))

    tally = bring_in(store, folder({"normal/a.png": png(2)}))

    assert (tally.kept, tally.moved) == (1, 1)
    assert [row[2] for row in contents(store)["sightings"]] == [check(png(2)).sha256]


def test_a_folder_can_be_imported_for_a_second_concept(store, folder):
    root = folder({"normal/a.png": png(1)})
    bring_in(store, root)

    tally = bring_in(store, root, concept="other")

    assert (tally.kept, tally.relabelled) == (0, 1)
    with store.session() as session:
        assert [o.value for o in current_opinions(session, "other")] == ["normal"]
        assert len(session.scalars(select(Image.id)).all()) == 1


def test_unusable_files_are_counted_by_reason_and_named(store, folder, tmp_path):
    root = folder(
        {
            "normal/a.png": png(1),
            "normal/cut.jpg": jpeg(2)[:-400],
            "normal/text.jpg": b"Dear picture,\n",
            "normal/empty.jpg": b"",
            "normal/small.png": png(3, 8, 8),
            "normal/page.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "normal/huge.png": flat_png(20_000),
        }
    )
    (root / "normal/out.jpg").symlink_to(tmp_path / "secret.jpg")

    tally = bring_in(store, root)

    assert tally.kept == 1
    assert {place: reason for place, reason, _ in tally.unusable_places} == {
        "normal/cut.jpg": "truncated",
        "normal/text.jpg": "not_an_image",
        "normal/empty.jpg": "not_an_image",
        "normal/small.png": "too_small",
        "normal/page.svg": "unsupported_format",
        "normal/huge.png": "too_many_pixels",
        "normal/out.jpg": "missing",
    }
    assert len(contents(store)["blobs"]) == 1


def test_a_folder_without_one_usable_picture_is_an_error_with_the_reasons(store, folder):
    root = folder({"normal/a.jpg": b"no", "normal/b.jpg": jpeg(1)[:-400]})

    with pytest.raises(InputError, match=r"no usable picture in it .*1 not an image.*the first is normal/a.jpg"):
        bring_in(store, root)
    with pytest.raises(InputError, match="nothing is left to import"):
        bring_in(store, root, "normal=-")


@SQLITE_ONLY
def test_many_files_go_through_processes_in_the_same_order(store, folder):
    root = folder({f"normal/{n:03}.png": png(n) for n in range(BATCH + 60)} | {"normal/100x.jpg": b"?"})

    tally = bring_in(store, root)

    assert (tally.kept, tally.unusable) == (BATCH + 60, {"not_an_image": 1})
    with store.session() as session:
        places = session.scalars(select(Sighting.post).order_by(Sighting.image_id)).all()
        assert list(places) == sorted(places)


def test_a_full_disk_keeps_what_was_committed_and_leaves_nothing_half_written(folder, small_disk):
    store = open_store(Home.from_environment({"FLINCH_HOME": str(small_disk / "home")}))
    bring_in(store, folder({"normal/a.png": png(1)}))
    before = contents(store)
    root = folder({f"normal/{n}.png": png(n, 300, 300) for n in range(2, 8)})

    with filled(small_disk), pytest.raises(StoreError, match="the disk is full"):
        bring_in(store, root)

    store.close()
    after = contents(store)
    assert [after[name] for name in ("images", "sightings", "labels")] == [
        before[name] for name in ("images", "sightings", "labels")
    ]
    assert all(check(store.blobs.get(name)).sha256 == name for name, _ in after["blobs"])
    store.close()


def test_a_killed_import_goes_on_and_ends_as_if_it_had_not_been_killed(folder, tmp_path):
    # So many that it is far from its end when it is seen to have filed the first batch.
    root = folder({f"normal/{n:04}.png": png(n) for n in range(COUNT - 1)} | {"trypophobia/x.png": png(9_999)})
    whole, killed = (Home.from_environment({"FLINCH_HOME": str(tmp_path / name)}) for name in ("whole", "killed"))
    for home in (whole, killed):
        open_store(home).close()
    bring_in(open_store(whole), root)

    process = subprocess.Popen(
        [flinch_script(), "import", root],
        env={**os.environ, "FLINCH_HOME": str(killed.path)},
        start_new_session=True,
    )
    store = open_store(killed)
    while not count_sightings(store):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    part = count_sightings(store)

    tally = bring_in(store, root)

    assert 0 < part < COUNT
    assert tally.already_there == part
    assert contents(store) == contents(open_store(whole))
    # The workers of a killed import do not stay behind.
    deadline = time.monotonic() + 20
    while (left := [one for one in running() if one.session == process.pid]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


def count_sightings(store: Store) -> int:
    with store.session() as session:
        return session.scalar(select(func.count(Sighting.id))) or 0


def test_a_picture_without_a_class_is_kept_says_nothing_and_contradicts_nobody(store, folder):
    root = folder({"trypophobia/a.png": png(1), "misc/b.png": png(2), "misc/c.jpg": jpeg(1)})

    first, again = (bring_in(store, root, "misc=?") for _ in range(2))

    assert (first.kept, again.already_there) == (3, 3)
    assert first.by_label == {"trypophobia": 1, "?": 2}
    assert not first.conflicts
    assert [row[2] for row in contents(store)["labels"]] == ["trypophobia"]


def test_one_that_is_said_to_be_of_a_class_later_is_relabelled(store, folder):
    root = folder({"misc/b.png": png(2)})
    bring_in(store, root, "misc=?")

    assert bring_in(store, root, "misc=normal").relabelled == 1
    assert [row[2] for row in contents(store)["labels"]] == ["normal"]
