"""Filling a store with drawn pictures."""

import json
from collections import Counter

import pytest
from PIL import Image as Pixels
from sqlalchemy import func, select

from crawler.synthetic import Plan, fill_if_empty, synthesize
from store.config import load_config
from store.filing import LabelFacts, SightingFacts, file_picture
from store.opinions import current_opinions
from store.pictures import check
from store.tables import Image, Label, Origin, Sighting
from tests.pictures import png

CONCEPT = load_config("trypophobia")


def places(store) -> dict[str, str]:
    with store.session() as session:
        query = select(Sighting.post, Image.sha256).join(Image, Image.id == Sighting.image_id)
        return {row.post: row.sha256 for row in session.execute(query)}


def test_a_plan_is_filed_once_and_a_larger_one_adds_only_the_rest(store):
    first = synthesize(store, CONCEPT, Plan(1, 6, 0.5))
    small = places(store)

    again = synthesize(store, CONCEPT, Plan(1, 6, 0.5))
    more = synthesize(store, CONCEPT, Plan(1, 10, 0.5))

    assert (first.kept, first.already_there) == ({"normal": 3, "trypophobia": 3}, 0)
    assert (again.kept, again.already_there) == ({"normal": 0, "trypophobia": 0}, 6)
    assert (more.kept, more.already_there) == ({"normal": 2, "trypophobia": 2}, 6)
    assert small.items() <= places(store).items()
    with store.session() as session:
        assert session.scalar(select(func.count(Label.id))) == 10
        assert Counter(o.value for o in current_opinions(session, "trypophobia")) == {"normal": 5, "trypophobia": 5}


def test_the_same_seed_draws_the_same_bytes_and_another_seed_others(store):
    synthesize(store, CONCEPT, Plan(1, 3, 0.5))
    first = places(store)
    synthesize(store, CONCEPT, Plan(2, 3, 0.5))

    with store.session() as session:
        digests = session.scalars(select(Image.sha256)).all()
    assert len(set(digests)) == 6
    assert set(first) == {"0", "1", "2"}


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.77])
def test_every_beginning_of_a_plan_has_its_share_of_positives(share):
    plan = Plan(1, 1000, share)

    for count in (10, 100, 1000):
        assert abs(sum(map(plan.is_positive, range(count))) - share * count) <= 1


def test_the_format_and_the_quality_say_nothing_of_the_class():
    plan = Plan(1, 20_000, 0.5)
    formats = {
        positive: sum(
            plan.chance(n, "format", 1000) < 125 for n in range(20_000) if plan.is_positive(n) == positive
        )
        for positive in (False, True)
    }

    assert abs(formats[True] - formats[False]) < 4 * (2 * 10_000 * 0.125 * 0.875) ** 0.5


def test_an_empty_store_is_filled_and_an_interrupted_or_enlarged_filling_is_completed(store):
    told: list[str] = []

    first = fill_if_empty(store, CONCEPT, Plan(1, 2, 0.5), told.append)
    more = fill_if_empty(store, CONCEPT, Plan(1, 4, 0.5), told.append)
    again = [fill_if_empty(store, CONCEPT, Plan(1, count, 0.5), told.append) for count in (4, 3)]

    assert (first.kept, first.already_there) == ({"normal": 1, "trypophobia": 1}, 0)
    assert (more.kept, more.already_there) == ({"normal": 1, "trypophobia": 1}, 2)
    assert [(one.kept, one.already_there) for one in again] == [
        ({"normal": 0, "trypophobia": 0}, 4),
        ({"normal": 0, "trypophobia": 0}, 3),
    ]
    assert [line.split(": ")[0] for line in told] == [
        "The store holds no labelled picture of trypophobia",
        "Completing the starter",
    ]
    assert "2 of 4" in told[1]


@pytest.mark.parametrize(
    ("origin", "to_fill"), [(Origin.WEAK, False), (Origin.HUMAN, False), (Origin.REPORT, True)]
)
def test_a_label_that_counts_is_what_makes_a_store_one_in_use(store, origin, to_fill):
    label = LabelFacts("trypophobia", "normal", Origin(origin), "somebody")
    with store.session() as session:
        file_picture(session, store.blobs, png(1), check(png(1)), SightingFacts("folder:x", "a"), label)

    told: list[str] = []
    done = fill_if_empty(store, CONCEPT, Plan(1, 4, 0.5), told.append)

    assert (sum(done.kept.values()), len(told)) == ((4, 1) if to_fill else (0, 0))


def test_the_command_says_why_it_draws_and_people_nothing_when_there_is_nothing_to_do(home, run_flinch):
    first = run_flinch("synthesize", "--if-empty", "--count", 4)
    second = run_flinch("synthesize", "--if-empty", "--count", 4)
    script = run_flinch("synthesize", "--if-empty", "--count", 4, "--json")

    assert first.stdout.startswith("The store holds no labelled picture of trypophobia: filling it with 4 drawn")
    assert (second.rc, second.stdout, second.stderr) == (0, "", "")
    assert (script.rc, script.stderr) == (0, "")
    assert json.loads(script.stdout) == {
        "source": "synthetic:1",
        "kept": {"normal": 0, "trypophobia": 0},
        "already_there": 4,
    }


def test_a_contact_sheet_is_written_and_nothing_is_filed(home, run_flinch, tmp_path):
    ended = run_flinch("synthesize", "--count", 4, "--sheet", tmp_path / "sheet.png")

    assert ended.stdout == f"{tmp_path / 'sheet.png'}\n"
    with Pixels.open(tmp_path / "sheet.png") as sheet:
        assert min(sheet.size) > 100
    assert not home.path.exists()
