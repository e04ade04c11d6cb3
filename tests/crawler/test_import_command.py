"""``flinch import`` as a person meets it: one table, one line for every mistake, exit codes for scripts."""

import json
from pathlib import Path

import pytest

from crawler.candidates import Listing
from crawler.import_report import as_table
from crawler.importing import Tally
from tests.crawler.huge import flat_png
from tests.pictures import jpeg, png
from tests.store.disks import filled

# The development data lies beside the project where there is any.
REAL = Path(__file__).parents[3] / "shared" / "data" / "trypophobia"


def error_of(ended) -> str:
    """The one line that a failed command says, without its prefix."""
    (line,) = ended.stderr.splitlines()
    assert line.startswith("flinch: ")
    assert ended.stdout == ""
    return line.removeprefix("flinch: ")


def test_what_is_kept_and_what_is_not_is_said_in_a_table_and_in_json(folder, home, run_flinch):
    root = folder(
        {
            "normal/a.jpg": jpeg(1, quality=95),
            "trypophobia/b.jpg": jpeg(1, quality=60),
            "normal/cut.jpg": jpeg(3)[:-400],
            "normal/text.jpg": b"Dear picture,\n",
            "normal/huge.png": flat_png(20_000),
            "notes.txt": b"x",
        }
    )

    said = run_flinch("import", root, "--json")
    again = run_flinch("import", root)

    result = json.loads(said.stdout)
    assert (said.rc, said.stderr, result["kept"], result["near_duplicates"]) == (0, "", 2, 1)
    assert [(one["place"], one["other_label"]) for one in result["label_conflicts"]] == [
        ("trypophobia/b.jpg", "normal")
    ]
    assert {one["path"]: one["reason"] for one in result["unusable_files"]} == {
        "normal/cut.jpg": "truncated",
        "normal/text.jpg": "not_an_image",
        "normal/huge.png": "too_many_pixels",
    }
    assert (again.rc, again.stdout.splitlines()) == (
        0,
        [
            f"{root} (class)",
            "kept                    0",
            "already there           2",
            "unusable                3   not an image 1, too many pixels 1, truncated 1: "
            "normal/cut.jpg; normal/huge.png; normal/text.jpg",
            "other files             1   no pictures by their names",
        ],
    )


def test_the_table_says_within_which_distance_near_duplicates_were_looked_for():
    table = as_table(Listing(Path("photos"), "class", ()), Tally(kept=2, near_duplicates=1), distance=12)

    assert table.splitlines()[2].split(maxsplit=2)[2] == (
        "within 12 of 256 bits of another picture; kept as one group"
    )


def test_mistakes_in_the_folder_end_in_one_line_and_code_4(folder, home, run_flinch, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    unknown = folder({"trypofobia/a.jpg": b"text"})

    for arguments, said in [
        ((empty,), "no picture in it"),
        ((unknown,), "--map trypofobia=trypophobia"),
        ((unknown, "--map", "trypofobia=trypophobia"), "no usable picture in it (1 not an image)"),
    ]:
        ended = run_flinch("import", *arguments)

        assert ended.rc == 4
        assert said in error_of(ended)


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

    with filled(small_disk):
        full = run_flinch("import", root, env=here)
    after = run_flinch("import", root, "--json", env=here)

    assert full.rc == 5
    assert "disk is full" in error_of(full)
    if small_disk.is_mount():
        said = json.loads(after.stdout)
        assert (said["kept"], said["already_there"]) == (4, 1)


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no development data at {REAL}")
def test_real_photographs_keep_their_splits_and_sources(home, run_flinch, tmp_path):
    head, *rows = (REAL / "manifest.csv").read_text(encoding="utf-8").splitlines()
    chosen = rows[::100]
    for path in (row.split(",", 1)[0] for row in chosen):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((REAL / path).read_bytes())
    (tmp_path / "manifest.csv").write_text("\n".join([head, *chosen]), encoding="utf-8")

    said = json.loads(run_flinch("import", tmp_path, "--name", "real", "--json").stdout)
    status = json.loads(run_flinch("status", "--json").stdout)

    assert (said["layout"], said["kept"], said["unusable"]) == ("manifest", len(chosen), {})
    assert set(status["opinions"]) == {"normal", "trypophobia"}
    assert "folder:real/webthumbs" in status["sightings"]


def test_a_folder_that_cannot_be_used_makes_no_home(home, run_flinch, tmp_path):
    (tmp_path / "empty").mkdir()

    ended = run_flinch("import", tmp_path / "empty")

    assert ended.rc == 4
    assert not home.path.exists()
