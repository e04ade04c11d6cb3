"""``flinch import`` as a person meets it: one table, one line for every mistake, exit codes for scripts."""

import json
from pathlib import Path

import pytest

from tests.crawler.huge import flat_png
from tests.pictures import jpeg, png
from tests.store.disks import fill

# The development data lies beside the project where there is any.
REAL = Path(__file__).parents[3] / "shared" / "data" / "trypophobia"


def error_of(ended) -> str:
    """The one line that a failed command says, without its prefix."""
    (line,) = ended.stderr.splitlines()
    assert line.startswith("flinch: ")
    assert ended.stdout == ""
    return line.removeprefix("flinch: ")


def test_a_folder_with_bad_pictures_is_imported_and_they_are_counted(folder, home, run_flinch):
    root = folder(
        {
            "normal/a.png": png(1),
            "trypophobia/b.jpg": jpeg(2),
            "normal/cut.jpg": jpeg(3)[:-400],
            "normal/text.jpg": b"Dear picture,\n",
            "normal/huge.png": flat_png(20_000),
            "notes.txt": b"x",
        }
    )

    ended = run_flinch("import", root)
    again = run_flinch("import", root, "--json")

    assert (ended.rc, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        f"{root} (class)",
        "kept                    2   normal 1, trypophobia 1",
        "already there           0",
        "unusable                3   not an image 1, too many pixels 1, truncated 1: "
        "normal/cut.jpg; normal/huge.png; normal/text.jpg",
        "other files             1   no pictures by their names",
    ]
    said = json.loads(again.stdout)
    assert (again.rc, said["kept"], said["already_there"]) == (0, 0, 2)
    assert {one["path"]: one["reason"] for one in said["unusable_files"]} == {
        "normal/cut.jpg": "truncated",
        "normal/text.jpg": "not_an_image",
        "normal/huge.png": "too_many_pixels",
    }


def test_label_conflicts_are_named(folder, home, run_flinch):
    root = folder({"normal/a.jpg": jpeg(1, quality=95), "trypophobia/b.jpg": jpeg(1, quality=60)})

    said = json.loads(run_flinch("import", root, "--json").stdout)

    (conflict,) = said["label_conflicts"]
    assert (conflict["place"], conflict["label"], conflict["other_label"]) == (
        "trypophobia/b.jpg",
        "trypophobia",
        "normal",
    )


def test_mistakes_in_the_folder_end_in_one_line_and_code_4(folder, home, run_flinch, tmp_path):
    (tmp_path / "empty").mkdir()
    unknown = folder({"trypofobia/a.png": png(1)})

    for arguments, said in [
        ((tmp_path / "empty",), "no picture in it"),
        ((tmp_path / "nowhere",), "no such folder"),
        ((unknown,), "--map trypofobia=trypophobia"),
        ((unknown, "--map", "trypofobia=hole"), "'hole' is no class"),
    ]:
        ended = run_flinch("import", *arguments)

        assert ended.rc == 4
        assert said in error_of(ended)
    assert not home.path.exists()


def test_a_folder_of_text_files_named_jpg_ends_in_one_line_and_code_4(folder, home, run_flinch):
    ended = run_flinch("import", folder({"normal/a.jpg": b"text", "normal/b.jpg": b"text too"}))

    assert ended.rc == 4
    assert "no usable picture in it (2 not an image)" in error_of(ended)


def test_an_unknown_concept_ends_in_code_3(folder, home, run_flinch):
    ended = run_flinch("import", folder({"normal/a.png": png(1)}), "--concept", "trypofobia")

    assert ended.rc == 3
    assert "did you mean 'trypophobia'?" in error_of(ended)


def test_a_read_only_home_ends_in_one_line_and_code_5(folder, home, run_flinch, read_only_folder):
    ended = run_flinch(
        "import",
        folder({"normal/a.png": png(1)}),
        env={"FLINCH_HOME": str(read_only_folder), "FLINCH_DATABASE_URL": ""},
    )

    assert ended.rc == 5
    assert "set FLINCH_HOME" in error_of(ended)


def test_a_full_disk_ends_in_one_line_and_code_5_and_the_next_run_goes_on(folder, home, run_flinch, small_disk):
    here = {"FLINCH_HOME": str(small_disk / "home"), "FLINCH_DATABASE_URL": ""}
    root = folder({"normal/a.png": png(1)})
    assert run_flinch("import", root, env=here).rc == 0
    folder({f"normal/b{n}.png": png(n, 400, 400) for n in range(2, 6)})
    fill(small_disk)

    full = run_flinch("import", root, env=here)
    (small_disk / "filler").unlink(missing_ok=True)
    after = run_flinch("import", root, "--json", env=here)

    assert full.rc == 5
    assert "disk is full" in error_of(full)
    if small_disk.is_mount():
        said = json.loads(after.stdout)
        assert (said["kept"], said["already_there"]) == (4, 1)


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no development data at {REAL}")
def test_real_photographs_keep_their_splits_groups_and_sources(home, run_flinch, tmp_path):
    rows = (REAL / "manifest.csv").read_text(encoding="utf-8").splitlines()
    part = tmp_path / "part"
    part.mkdir()
    (part / "manifest.csv").write_text("\n".join([rows[0], *rows[1::50]]), encoding="utf-8")
    for split in ("train", "val", "test", "ood"):
        (part / split).symlink_to(REAL / split)

    refused = run_flinch("import", part)
    for split in ("train", "val", "test", "ood"):
        (part / split).unlink()
    for row in rows[1::50]:
        path = row.split(",", 1)[0]
        (part / path).parent.mkdir(parents=True, exist_ok=True)
        (part / path).write_bytes((REAL / path).read_bytes())
    ended = run_flinch("import", part, "--json")

    assert refused.rc == 4
    assert "165 outside" in error_of(refused)
    said = json.loads(ended.stdout)
    assert (said["layout"], said["kept"], said["unusable"]) == ("manifest", 165, {})
    assert set(said["kept_by_label"]) == {"normal", "trypophobia"}
