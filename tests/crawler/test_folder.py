"""What a folder offers: three layouts, what is refused, and what a person is told."""

import os

import pytest

from crawler.candidates import UNLABELLED, Classes, parse_map
from crawler.folder import list_folder, source_name
from store.errors import InputError

NAMES = ("normal", "trypophobia")
CLASSES = Classes("trypophobia", NAMES, {})
PICTURE = b"not opened here"


def mapped(*rules: str) -> Classes:
    return parse_map(rules, "trypophobia", NAMES)


def found(root, classes=CLASSES):
    return [(c.place, c.label, c.split) for c in list_folder(root, "folder:photos", classes).candidates]


def message(root, classes=CLASSES) -> str:
    with pytest.raises(InputError) as caught:
        list_folder(root, "folder:photos", classes)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_by_class_is_listed_in_one_order_however_deep_it_goes(folder):
    root = folder({"trypophobia/b.jpg": PICTURE, "normal/deep/er/a.PNG": PICTURE, "normal/z.webp": PICTURE})

    assert found(root) == [
        ("normal/z.webp", "normal", None),
        ("normal/deep/er/a.PNG", "normal", None),
        ("trypophobia/b.jpg", "trypophobia", None),
    ]


def test_a_folder_by_split_and_class_gives_the_splits_their_usual_names(folder):
    root = folder(
        {"Training/normal/a.jpg": PICTURE, "valid/trypophobia/b.jpg": PICTURE, "ood/Normal/c.jpg": PICTURE}
    )

    assert found(root) == [
        ("Training/normal/a.jpg", "normal", "train"),
        ("ood/Normal/c.jpg", "normal", "ood"),
        ("valid/trypophobia/b.jpg", "trypophobia", "val"),
    ]


def test_a_class_that_is_called_like_a_split_is_a_class(folder):
    root = folder({"test/a.jpg": PICTURE, "train/b.jpg": PICTURE})

    assert found(root, Classes("x", ("test", "train"), {})) == [
        ("test/a.jpg", "test", None),
        ("train/b.jpg", "train", None),
    ]


def test_hidden_files_are_passed_over_and_other_files_are_counted(folder):
    root = folder(
        {
            "normal/a.jpg": PICTURE,
            "normal/._a.jpg": PICTURE,
            ".DS_Store": PICTURE,
            ".cache/normal/b.jpg": PICTURE,
            "normal/Thumbs.db": PICTURE,
            "README.md": PICTURE,
        }
    )

    listing = list_folder(root, "folder:photos", CLASSES)

    assert [c.place for c in listing.candidates] == ["normal/a.jpg"]
    assert listing.others == 2


def test_an_unknown_folder_is_named_with_the_nearest_class_and_the_way_to_map_it(folder):
    root = folder({"normal/a.jpg": PICTURE, "trypofobia/b.jpg": PICTURE})

    said = message(root)

    assert "'trypofobia' is no class of trypophobia (did you mean 'trypophobia'?)" in said
    assert "--map trypofobia=trypophobia" in said


def test_a_map_renames_folders_leaves_them_out_and_names_the_folder_itself(folder):
    root = folder({"holes/a.jpg": PICTURE, "misc/b.jpg": PICTURE, "normal/c.jpg": PICTURE, "loose.jpg": PICTURE})

    assert "lies in no class folder" in message(root, mapped("holes=trypophobia", "misc=-"))
    assert found(root, mapped("holes=trypophobia", "misc=-", ".=normal")) == [
        ("loose.jpg", "normal", None),
        ("holes/a.jpg", "trypophobia", None),
        ("normal/c.jpg", "normal", None),
    ]


def test_a_map_files_a_folder_without_a_class(folder):
    root = folder({"normal/c.jpg": b"", "misc/d.jpg": b""})

    assert [(one.place, one.label) for one in list_folder(root, "folder:x", mapped("misc=?")).candidates] == [
        ("misc/d.jpg", UNLABELLED),
        ("normal/c.jpg", "normal"),
    ]


@pytest.mark.parametrize(
    ("rule", "said"),
    [("holes", "write FOLDER=CLASS"), ("=normal", "write FOLDER=CLASS"), ("a=nromal", "'normal'?")],
)
def test_a_map_that_cannot_be_meant_is_refused(rule, said):
    with pytest.raises(InputError, match=said):
        mapped(rule)


def test_empty_missing_and_wrong_folders_say_so_in_one_line(folder, tmp_path):
    root = folder({"notes.txt": b"x"})

    assert "no picture in it" in message(root)
    assert "no such folder" in message(tmp_path / "nowhere")
    assert "not a folder" in message(root / "notes.txt")


def test_links_out_of_the_folder_are_refused_and_links_within_are_files(folder, tmp_path):
    root = folder({"normal/a.jpg": PICTURE})
    (tmp_path / "secret.jpg").write_bytes(PICTURE)
    (root / "normal/out.jpg").symlink_to(tmp_path / "secret.jpg")
    (root / "normal/relative.jpg").symlink_to("../../secret.jpg")
    (root / "normal/in.jpg").symlink_to("a.jpg")
    (root / "normal/gone.jpg").symlink_to("nowhere.jpg")
    (root / "normal/itself.jpg").symlink_to("itself.jpg")
    (root / "trypophobia").symlink_to(tmp_path)

    listing = list_folder(root, "folder:photos", CLASSES)

    assert [c.place for c in listing.candidates] == ["normal/a.jpg", "normal/in.jpg"]
    assert {(r.place, r.reason) for r in listing.refused} == {
        ("normal/out.jpg", "outside"),
        ("normal/relative.jpg", "outside"),
        ("normal/gone.jpg", "missing"),
        ("normal/itself.jpg", "missing"),
    }


def test_a_named_pipe_is_no_file_and_is_never_opened(folder):
    root = folder({"normal/a.jpg": PICTURE})
    os.mkfifo(root / "normal/pipe.jpg")

    listing = list_folder(root, "folder:photos", CLASSES)

    assert [r.reason for r in listing.refused] == ["not_a_file"]


@pytest.mark.parametrize(("name", "place"), [(b"\xff.jpg", "\\xff.jpg"), (b"a\x1b[2J\n.jpg", "a\\x1b[2J\\n.jpg")])
def test_a_name_that_no_database_or_screen_can_show_is_escaped(folder, name, place):
    root = folder({"normal/a.jpg": PICTURE})
    (root / "normal/a.jpg").rename(root / "normal" / os.fsdecode(name))

    assert found(root) == [(f"normal/{place}", "normal", None)]


def test_a_manifest_gives_class_split_source_group_and_licence(folder):
    head = "path,label,split,source,group,licence,width"
    rows = f"{head}\nb/2.jpg,trypophobia,validation,bees,g7,CC0,10\n1.jpg,normal\n"
    root = folder({"manifest.csv": b"\xef\xbb\xbf" + rows.encode(), "b/2.jpg": PICTURE, "1.jpg": PICTURE})

    first, second = list_folder(root, "folder:photos", CLASSES).candidates

    assert (first.place, first.label, first.source) == ("1.jpg", "normal", "folder:photos")
    assert (first.split, first.group, first.licence) == (None, None, None)
    assert (second.place, second.label, second.source) == ("b/2.jpg", "trypophobia", "folder:photos/bees")
    assert (second.split, second.group, second.licence) == ("val", "g7", "CC0")
    assert list_folder(root / "manifest.csv", "folder:photos", CLASSES).candidates == (first, second)


def test_a_manifest_says_what_a_picture_shows_and_whether_it_is_hard(folder):
    rows = "path,label,kind,hard_negative\n1.jpg,normal,foam,1\n2.jpg,normal,,no\n3.jpg,normal\n"
    root = folder({"manifest.csv": rows.encode(), **{f"{n}.jpg": PICTURE for n in (1, 2, 3)}})

    candidates = list_folder(root, "folder:photos", CLASSES).candidates

    assert [(c.kind, c.hard_negative) for c in candidates] == [("foam", True), (None, False), (None, None)]


def test_a_manifest_leads_to_no_file_outside_of_its_folder(folder, tmp_path):
    (tmp_path / "secret.jpg").write_bytes(PICTURE)
    rows = f"path,label\n../secret.jpg,normal\n{tmp_path}/secret.jpg,normal\ngone.jpg,normal\n.,normal\n"
    root = folder({"manifest.csv": rows.encode()})

    listing = list_folder(root, "folder:photos", CLASSES)

    assert listing.candidates == ()
    assert [r.reason for r in listing.refused] == ["outside", "outside", "missing", "not_a_file"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (b"", "has no column 'path'"),
        (b"file,label\na.jpg,normal\n", "has no column 'path'"),
        (b"path,labels\na.jpg,normal\n", "no column 'label' ('labels' looks like it)"),
        (b"path,label\n", "lists no picture"),
        (b"path,label\na.jpg,normal\na.jpg,trypophobia\n", "manifest.csv:3: 'a.jpg' was listed on line 2 already"),
        (b"path,label\na.jpg,nromal\n", "manifest.csv:2: label 'nromal' is no class of trypophobia (did you mean"),
        (b"path,label\na.jpg,\n", "manifest.csv:2: 'label' is empty"),
        (b"path,label,split\na.jpg,normal,tarin\n", "manifest.csv:2: 'tarin' is no split (did you mean 'train'?)"),
        (b"path,label\n\xff\xfe.jpg,normal\n", "is not UTF-8 text"),
        (b'path,label\n"a.jpg,normal\n', "is no readable CSV"),
        (b"path,label,hard_negative\na.jpg,normal,2\n", "manifest.csv:2: hard_negative '2' is neither 1 nor 0"),
        (b"path,label,group\na.jpg,normal," + b"g" * 300 + b"\n", "'group' is longer than 200 characters"),
    ],
)
def test_a_manifest_that_is_wrong_is_named_with_its_line(folder, rows, said):
    root = folder({"manifest.csv": rows, "a.jpg": PICTURE})

    assert said in message(root)


def test_a_source_is_called_like_its_folder_unless_it_is_given_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert source_name(tmp_path / "photos", None) == "folder:photos"
    assert source_name(tmp_path / "photos" / "manifest.csv", None) == "folder:photos"
    assert source_name(tmp_path / "photos", "kaggle") == "folder:kaggle"
    assert source_name(tmp_path.__class__("."), None) == f"folder:{tmp_path.name}"
    with pytest.raises(InputError, match="--name"):
        source_name(tmp_path, "x" * 500)
