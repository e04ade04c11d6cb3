"""A concept's TOML file: what is wrong in it is named with file, key and the nearest known name."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from store.config import Concept, load_config
from store.errors import ConfigError

MINIMAL = """
concept = "spiders"
title = "Spiders"
classes = ["normal", "spiders"]
positive = "spiders"
"""


@pytest.fixture
def written(tmp_path):
    """Return ``written(text)``: write a concept's file and return its path."""

    def write(text: str) -> str:
        path = tmp_path / "spiders.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def refusal(path: str) -> str:
    """Load a file that is wrong; return what is said of it, after the file's name."""
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value).removeprefix(f"{path}: ")


def test_the_shipped_concept_names_one_positive_subreddit_and_fifteen_normal_ones():
    concept = load_config("trypophobia")

    assert concept.classes == ("normal", "trypophobia")
    assert (concept.positive, concept.positive_index, concept.negative) == ("trypophobia", 1, "normal")
    names = {source.name: source.class_ for source in concept.crawl.sources}
    assert [name for name, kind in names.items() if kind == "trypophobia"] == ["trypophobia"]
    assert len([name for name, kind in names.items() if kind == "normal"]) == 15
    assert concept.crawl.schedule == "0 */6 * * *"


def test_the_shipped_file_says_every_key_there_is():
    # It is the documentation of the keys as well: a default that it hides is a default that nobody finds.
    concept = load_config("trypophobia")

    def unsaid(section: BaseModel, name: str) -> list[str]:
        missing = [f"{name}.{key}" for key in type(section).model_fields if key not in section.model_fields_set]
        inner = [value for value in vars(section).items() if isinstance(value[1], BaseModel)]
        return missing + [key for inner_name, value in inner for key in unsaid(value, f"{name}.{inner_name}")]

    assert unsaid(concept, "") == []


def test_four_keys_make_a_concept(written):
    concept = load_config(written(MINIMAL))

    assert concept.concept == "spiders"
    assert concept.train.backbone == "mobilenet_v1"
    assert concept.crawl.sources == ()


@pytest.mark.parametrize(("positive", "place", "negative"), [("ants", 0, "bees"), ("bees", 1, "ants")])
def test_of_three_classes_weak_normal_labels_get_the_first_that_is_not_positive(written, positive, place, negative):
    three = MINIMAL.replace('["normal", "spiders"]', '["ants", "bees", "none"]')

    concept = load_config(written(three.replace('positive = "spiders"', f'positive = "{positive}"')))

    assert (concept.positive_index, concept.negative) == (place, negative)


def test_a_concept_cannot_be_changed_once_read(written):
    concept = load_config(written(MINIMAL))

    with pytest.raises(ValueError, match="frozen"):
        concept.title = "other"


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("titel = 'x'", "unknown key 'titel' (did you mean 'title'?)"),
        ("[train]\nbatchsize = 3", "train: unknown key 'batchsize' (did you mean 'batch_size'?)"),
        ("[snapshot.shares]\ntrian = 60", "snapshot.shares: unknown key 'trian' (did you mean 'train'?)"),
        ("[round.shares]\nambigous = 1", "round.shares: unknown key 'ambigous' (did you mean 'ambiguous'?)"),
        ("[trian]\nseed = 1", "unknown key 'trian' (did you mean 'train'?)"),
        ("[train]\nzzzzzz = 1", "train: unknown key 'zzzzzz'"),
        (
            "[[crawl.sources]]\nkind = 'reddit'\nname = 'pics'\nclass = 'normal'\n"
            "[[crawl.sources]]\nkind = 'reddit'\nname = 'aww'\nclass = 'normal'\nlimti = 3",
            "crawl.sources[1]: unknown key 'limti' (did you mean 'limit'?)",
        ),
        (
            "[[crawl.sources]]\nkind = 'reddit'\nname = 'pics'\nclass = 'normal'\nclas = 'normal'",
            "crawl.sources[0]: unknown key 'clas' (did you mean 'class'?)",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_name(written, added, said):
    assert refusal(written(MINIMAL + added)) == said


@pytest.mark.parametrize(
    ("added", "key"),
    [
        ("[train]\nbatch_size = 'many'", "train.batch_size"),
        ("[train]\nbatch_size = 1.5", "train.batch_size"),
        ("[train]\nalpha = -1", "train.alpha"),
        ("[train]\nhead_learning_rate = nan", "train.head_learning_rate"),
        ("[train]\ninput_size = 100", "train.input_size"),
        ("train = 3", "train"),
        ("crawl = []", "crawl"),
        ("[crawl]\nschedule = 'hourly'", "crawl.schedule"),
        ("[crawl]\nsources = [3]", "crawl.sources[0]"),
        ("[[crawl.sources]]\nkind = 'flickr'\nname = 'pics'\nclass = 'normal'", "crawl.sources[0].kind"),
        ("[[crawl.sources]]\nkind = 'reddit'\nname = '../x'\nclass = 'normal'", "crawl.sources[0].name"),
        ("[[crawl.sources]]\nkind = 'reddit'\nname = 'pics'", "crawl.sources[0].class"),
        ("[[crawl.sources]]\nkind = 'reddit'\nname = 'pics'\nclass = 'cats'", "crawl.sources[0].class"),
        ("[snapshot.shares]\ntrain = 60\nval = 20\ntest = 30", "snapshot.shares"),
        ("[snapshot]\nnear_duplicate_distance = 32", "snapshot.near_duplicate_distance"),
        ("[train.synthetic]\ncomposites = 1", "train.synthetic.composites"),  # half of a pair
        ("[card]\ndata_limits = ['63 beehives']", "card"),  # of which pictures?
        ("[card]\ndata_snapshot = 'newest'", "card.data_snapshot"),
        ("[train.distill]\nmixtures = 8", "train.distill"),  # nobody would say what they are
    ],
)
def test_a_wrong_value_is_refused_with_its_key(written, added, key):
    assert refusal(written(MINIMAL + added)).startswith(f"{key}: ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('positive = "spiders"', "", "positive: Field required"),
        (
            'positive = "spiders"',
            'positive = "cats"',
            "positive: 'cats' is not among the classes ['normal', 'spiders']",
        ),
        ('["normal", "spiders"]', '["spiders", "spiders"]', "classes: a class is named twice"),
        ('["normal", "spiders"]', '["Spi ders", "x"]', "classes[0]: String should match pattern"),
    ],
)
def test_classes_that_do_not_fit_are_refused(written, old, new, said):
    assert refusal(written(MINIMAL.replace(old, new))).startswith(said)


@pytest.mark.parametrize("text", ["concept = ", "[[crawl", "a = 1\na = 2", "\0"])
def test_what_is_no_toml_is_refused_with_its_line(written, text):
    assert refusal(written(text)).startswith("not valid TOML: ")


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "latin.toml"
    path.write_bytes('title = "Löcher"'.encode("latin-1"))

    assert refusal(str(path)).startswith("cannot be read: ")


def test_a_missing_file_is_refused_with_an_example(tmp_path):
    assert (
        refusal(str(tmp_path / "none.toml"))
        == "no such file; a concept is a TOML file such as configs/trypophobia.toml"
    )


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path):
    (tmp_path / "folder.toml").mkdir()

    assert refusal(str(tmp_path / "folder.toml")).startswith("no such file")


@pytest.mark.parametrize("name", ["trypofobia", "../configs/trypophobia", ""])
def test_an_unknown_name_is_refused_with_the_known_ones(name):
    with pytest.raises(ConfigError, match=r"no concept is called '.*known: \[.*'trypophobia'"):
        load_config(name)


def test_a_misspelt_name_gets_the_nearest():
    with pytest.raises(ConfigError, match=r"did you mean 'trypophobia'\?"):
        load_config("tripophobia")


def test_every_shipped_file_is_named_for_its_concept():
    files = sorted((Path(__file__).parents[2] / "configs").glob("*.toml"))

    assert files
    assert [load_config(str(path)).concept for path in files] == [path.stem for path in files]
    assert all(isinstance(load_config(path.stem), Concept) for path in files)
