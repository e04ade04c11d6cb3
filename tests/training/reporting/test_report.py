"""The report is one honest file: self-contained, repeatable, blurred until asked, and closed to hostile titles."""

import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from store.errors import StoreError
from tests.extension.browser import chromium
from tests.little_run import little_run, whole_run, with_splits
from training.evaluation.curves import SplitScores
from training.evaluation.results import Evaluation
from training.reporting.mistakes import thumbnail
from training.reporting.report import duration, render, write_report
from training.reporting.report_data import Mistake, ReportData

HOSTILE = (
    """"><script>document.title='owned'</script><img src=x onerror="document.title='owned'">"""
    """' $x_1$ {{ 7*7 }} </svg> \u202e"""
)
VOID = {"meta", "img", "br", "input", "link", "hr", "path", "use"}


@pytest.fixture(scope="module")
def data():
    """The real little run."""
    return little_run()


@pytest.fixture(scope="module")
def html(data):
    """The report of the real little run."""
    return render(data)


@pytest.fixture(scope="module")
def plain(data):
    """The same run without scores and history: no drawing, which is what takes the time."""
    return with_splits(replace(data, epochs=()))


@pytest.fixture(scope="module")
def whole():
    """The page of a run of which everything was measured."""
    return render(whole_run())


class Page(HTMLParser):
    """The parsed page: every tag with its attributes, the text, and whether tags nest."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, *names):
        return [attributes for tag, attributes in self.tags if tag in names]


def test_the_page_asks_nothing_of_the_network_and_forbids_it(html):
    page = Page(html)
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy
    assert not page.all("script", "link", "iframe", "object", "base", "form", "style[src]")
    for _, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "action", "srcset"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/"))
    assert not re.search(r"url\((?!#)|@import", html)


def test_the_same_data_gives_the_same_bytes_and_replaces_the_old_file(data, html, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")

    write_report(path, data)

    assert path.read_bytes() == html.encode()
    assert html.startswith("<!DOCTYPE html>")
    assert list(tmp_path.iterdir()) == [path]


def test_tags_nest_and_no_id_appears_twice(html):
    page = Page(html)

    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert page.open == []
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in page.all("a")} <= set(ids)


def test_every_picture_drawing_and_table_has_words(data, html):
    page = Page(html)

    assert len(page.all("img")) == len(data.false_positives) + len(data.false_negatives) > 8
    assert all(picture["alt"] for picture in page.all("img"))
    assert all(drawing["aria-label"] and drawing["role"] == "img" for drawing in page.all("svg"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert [tag for tag, _ in page.tags if tag in ("h1", "h2", "h3")][:2] == ["h1", "h2"]


def test_each_number_says_on_what_it_was_measured(html):
    text = " ".join(Page(html).text.split())

    assert "Precision on test" in text
    assert "500 pictures" in text
    assert "That threshold was chosen on val (400 pictures" in text
    assert "the numbers of val flatter" in text
    assert "Weights came from a mirror" in text
    assert "4 min 56 s" in text
    assert "train 60, val 20" in text
    assert "flipyes" in text


def test_drawings_take_their_colours_from_the_page(html):
    drawings = "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert "var(--series-1)" in drawings
    assert set(re.findall(r"#[0-9a-f]{6}\b", drawings)) == set()


def test_a_hostile_title_stays_text_wherever_it_appears(data):
    hostile = Mistake(data.false_positives[0].picture, HOSTILE, 0.99, "test")
    attacked = replace(
        with_splits(data, replace(data.splits[1], name=HOSTILE, about=HOSTILE)),
        title=HOSTILE,
        positive=HOSTILE,
        notes=(HOSTILE,),
        recipe={HOSTILE: HOSTILE},
        false_positives=(hostile,),
    )

    page = Page(render(attacked))

    assert not page.all("script")
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert page.all("img")[0]["alt"] == f"False positive 1: {HOSTILE}"
    assert page.text.count(HOSTILE) >= 8


def test_half_a_surrogate_pair_in_a_title_does_not_stop_the_report(plain, tmp_path):
    broken = Mistake(plain.false_positives[0].picture, "half \ud83d a smile", 0.99, "test")

    write_report(tmp_path / "report.html", replace(plain, false_positives=(broken,)))

    assert "half ? a smile" in (tmp_path / "report.html").read_text("utf-8")


def test_a_picture_that_is_no_picture_is_refused(plain):
    disguised = Mistake(b"<svg onload=alert(1)>", "a drawing", 0.9, "test")

    with pytest.raises(ValueError, match="PNG or JPEG"):
        render(replace(plain, false_positives=(disguised,)))


def test_a_thumbnail_is_small_and_keeps_nothing_but_pixels():
    photo = Image.new("RGBA", (800, 400), (10, 20, 30, 255))
    photo.info["comment"] = b"taken at home"

    small = thumbnail(photo, side=100)

    assert small.startswith(b"\xff\xd8\xff")
    assert b"home" not in small


def test_a_contract_that_is_not_kept_is_said_at_the_top(plain):
    missed = replace(plain.threshold, met=False)

    text = Page(render(replace(plain, threshold=missed))).text

    assert text.index("is not met on val") < text.index("Worst mistakes")


def test_without_a_test_split_the_headline_says_that_it_flatters(data):
    page = Page(render(with_splits(data, data.splits[0])))

    assert "These numbers flatter" in page.text
    assert "Precision on val" in page.text


def test_a_run_without_scores_history_or_mistakes_still_reports(data):
    nothing = Evaluation("eights", "eight", data.threshold, "val", splits=())
    bare = ReportData("eights", "Eights", "eight", "eights-0", "2026-11-20", data.threshold, (), nothing)

    page = Page(render(bare))

    assert "No split was scored" in page.text
    assert not page.all("svg", "img")


def test_splits_of_one_class_or_of_no_picture_are_drawn_without_inventing_numbers(data):
    lone = SplitScores("ood", np.array([False, False, False]), np.array([0.1, 0.2, 0.9]))
    empty = SplitScores("test", np.zeros(0, bool), np.zeros(0))

    page = Page(render(with_splits(data, empty, lone)))

    assert "nan" not in page.text.lower()
    assert len(page.all("svg")) == 5


def test_everything_that_was_measured_has_its_section_its_words_and_its_interval(whole):
    page = Page(whole)
    text = " ".join(page.text.split())

    named = {attributes.get("id") for attributes in page.all("h2")}
    assert named == {
        "weaknesses", "measures", "threshold", "curves", "calibration", "slices", "stress", "attacks", "outliers",
        "mistakes", "training", "cost", "card", "facts",
    }  # fmt: skip
    assert {link["href"][1:] for link in page.all("a")} == named
    assert page.open == []
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(drawing["aria-label"] and drawing["role"] == "img" for drawing in page.all("svg"))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert "nan" not in text.lower().split()
    assert "Covering handwritten eights for readers" in text
    assert "hard negatives" in text
    assert "3.4 ms" in text
    at_a_limit = re.search(r"recall at FPR 0\.5\s%</th><td>([\d.]+)<small>([\d.]+) to ([\d.]+)</small>", whole)
    assert at_a_limit is not None
    value, low, high = map(float, at_a_limit.groups())
    assert low < value < high


def test_each_level_says_what_it_would_do_on_each_split(whole):
    evaluation = whole_run().evaluation
    rows = re.findall(r"<tr[^>]*><th scope=\"row\">(\w+)</th><td class=\"word\">(\w+)</td>", whole)

    levels = ("lenient", "balanced", "strict")
    assert rows == [(split.name, level) for split in evaluation.splits for level in levels]


def test_a_slice_of_too_few_pictures_is_said_to_be_one(whole):
    assert any(found.recall.too_few for split in whole_run().evaluation.splits for found in split.slices)
    assert "too few (0)" in whole


def test_a_path_that_cannot_be_written_is_a_store_error(plain, tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreError):
        write_report(tmp_path / "file" / "report.html", plain)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.42, "0.4 s"), (38.2, "38 s"), (59.7, "1 min 00 s"), (134, "2 min 14 s"), (3900, "1 h 05 min")],
)
def test_a_duration_reads_like_speech(seconds, words):
    assert duration(seconds) == words


def test_in_chromium_pictures_stay_blurred_until_the_box_is_unticked_and_focus_is_on_them(
    data, tmp_path, playwright
):
    hostile = Mistake(data.false_positives[0].picture, HOSTILE, 0.99, "test")
    write_report(tmp_path / "report.html", replace(data, false_positives=(hostile, *data.false_positives)))
    requests, complaints = [], []

    browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
    page = browser.new_page()
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto((tmp_path / "report.html").as_uri())
    picture, veil = page.locator(".veil img").first, page.locator(".veil").first

    def look():
        return picture.evaluate("image => getComputedStyle(image).filter")

    untouched = look()
    veil.hover()
    pointed_at_while_kept = look()
    page.get_by_label("Keep every picture blurred").uncheck()
    page.mouse.move(0, 0)
    unticked = look()
    page.keyboard.press("Tab")
    focused = look()
    title = page.title()
    browser.close()

    assert "blur" in untouched
    assert "blur" in pointed_at_while_kept
    assert "blur" in unticked
    assert focused == "none"
    assert title == f"eights: report of {data.bundle_id}"
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert complaints == []


def test_the_pictures_in_the_page_are_the_ones_that_were_handed_in(data, html):
    page = Page(html)

    shown = [b64decode(picture["src"].partition("base64,")[2]) for picture in page.all("img")]
    assert shown == [mistake.picture for mistake in (*data.false_positives, *data.false_negatives)]
