"""What the store says of itself."""

from store.filing import LabelFacts, SightingFacts, file_picture
from store.pictures import check
from store.summary import as_table, summarise
from store.tables import Feedback, Origin
from tests.pictures import png


def test_a_summary_counts_pictures_places_opinions_and_what_waits(store):
    with store.session() as session:
        for seed, value, origin, by in [
            (1, "normal", Origin.WEAK, "r/pics"),
            (1, "trypophobia", Origin.HUMAN, "ann"),
            (1, "normal", Origin.HUMAN, "bob"),
            (2, "trypophobia", Origin.WEAK, "r/trypophobia"),
            (3, "trypophobia", Origin.REPORT, "reader"),
            (3, "trypophobia", Origin.REPORT, "another reader"),
        ]:
            place = SightingFacts(source=by, post=str(seed))
            label = LabelFacts("trypophobia", value, origin, by)
            file_picture(session, store.blobs, png(seed), check(png(seed)), place, label)
        session.add(Feedback(concept="trypophobia", url="https://a.example/", verdict="cover"))
        session.add(Feedback(concept="nsfw", url="https://a.example/", verdict="cover"))

    with store.session() as session:
        summary = summarise(session, "trypophobia")

    assert summary == {
        "images": 3,
        "sightings": {"ann": 1, "another reader": 1, "bob": 1, "r/pics": 1, "r/trypophobia": 1, "reader": 1},
        "opinions": {"normal": 1, "trypophobia": 1},
        "disagreements": 1,
        "feedback": 1,
        "quarantined": 1,
        "models": 0,
    }


def test_people_read_one_line_an_import_below_the_sum():
    summary = {
        "images": 1234,
        "sightings": {"feedback": 1, "folder:photos": 2, "folder:photos/bees": 30, "folder:photos/soap": 4},
        "opinions": {},
        "disagreements": 0,
    }

    assert as_table(summary).splitlines() == [
        "images               1234",
        "sightings              37",
        "  feedback              1",
        "  folder:photos        36",
        "opinions                0",
        "disagreements           0",
    ]
