"""What a store gets: the same bytes from one source, nothing but what a reader needs, and all of it explained."""

import io
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

import pytest
from PIL import Image

from tests.packaging.source import build, copy_source, give_model
from tests.trained import ROOT

EXTENSION = ROOT / "extension"
BROWSERS = ("chrome", "firefox")
# A method may be called `import`, and files of the package may import one another.
CODE_FROM_TEXT = (
    r"\beval\)?\(|\bFunction\(|\bimportScripts\(|createElement\(.script|"
    r"(?<![.\w])(?<!async )import\((?!\"\./[\w-]+\.js\"\))"
)
CHUNK = r"\bimport\(\"\./([\w-]+\.js)\"\)"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_source(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module", params=BROWSERS)
def package(request: pytest.FixtureRequest, source: Path) -> Iterator[ZipFile]:
    """Return the package for a store."""
    with ZipFile(io.BytesIO(packed(source, request.param))) as opened:
        yield opened


def packed(source: Path, browser: str, **circumstances) -> bytes:
    done = build(source, "package.mjs", browser, **circumstances)
    assert done.returncode == 0, done.stderr
    [package] = (source / "packages").iterdir()
    data = package.read_bytes()
    package.unlink()
    return data


def manifest_of(package: ZipFile) -> dict:
    found: dict = json.loads(package.read("manifest.json"))
    return found


@pytest.mark.parametrize("browser", BROWSERS)
def test_a_package_is_the_same_bytes_wherever_and_whenever_it_is_built(source: Path, tmp_path: Path, browser: str):
    # The same files, written in another order into another folder, and a model of somebody's own in dist.
    checkout = tmp_path / "a folder" / "of another name"
    checkout.mkdir(parents=True)
    elsewhere = copy_source(checkout)
    shutil.rmtree(elsewhere / "public")
    for file in sorted((source / "public").rglob("*.*"), reverse=True):
        copy = elsewhere / "public" / file.relative_to(source / "public")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    give_model(elsewhere / "dist" / "model", b'{"trained": true}')

    first = packed(source, browser, env={"TZ": "UTC", "LC_ALL": "C"}, umask=0o022)
    second = packed(elsewhere, browser, env={"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"}, umask=0o077)

    assert first == second


def test_a_package_holds_what_a_reader_needs_in_order_and_the_released_model(package: ZipFile):
    names = package.namelist()
    entries = [name for name in names if "/" not in name]

    assert names == sorted(names)
    assert len({entry.date_time for entry in package.infolist()}) == 1
    assert {name for name in names if name.startswith("model/")} == {"model/bundle.json", "model/model.json"}
    assert {"manifest.json", "background.js", "content.js", "worker.js", "pictures.css"} <= set(entries)
    assert [name for name in names if name.endswith((".ts", ".map", ".md")) or "/." in f"/{name}"] == []


def test_nothing_is_packed_before_a_model_was_released(tmp_path: Path):
    source = copy_source(tmp_path)
    shutil.rmtree(source / "model")

    done = build(source, "package.mjs")

    assert done.returncode != 0
    assert "`flinch release` puts there what a package carries" in done.stderr


def test_every_permission_is_explained_and_no_other(package: ZipFile):
    manifest = manifest_of(package)
    asked = {name for key in manifest if key.endswith("permissions") for name in manifest[key]}
    rows = re.findall(r"^\| `(.+?)` \| (.+) \|$", section("store/listing.md", "Permissions"), re.MULTILINE)
    in_chrome = "browser_specific_settings" not in manifest
    explained = {name for name, why in rows if in_chrome or not why.endswith("Chrome only.")}

    assert asked == explained


def test_no_page_can_read_the_model_or_anything_else_of_the_extension(package: ZipFile):
    assert "web_accessible_resources" not in manifest_of(package)
    assert "externally_connectable" not in manifest_of(package)


def test_pages_of_the_extension_run_and_load_only_what_the_package_holds(package: ZipFile):
    policy = {
        words[0]: set(words[1:])
        for directive in manifest_of(package)["content_security_policy"]["extension_pages"].split(";")
        if (words := directive.split())
    }

    assert policy["default-src"] == {"'none'"}
    # TF.js runs WebAssembly, which comes with the package.
    assert policy["script-src"] == {"'self'", "'wasm-unsafe-eval'"}
    assert policy["worker-src"] == policy["style-src"] == {"'self'"}
    assert policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == {"'none'"}
    for name in package.namelist():
        if name.endswith(".html"):
            page = package.read(name).decode()
            assert re.findall(r"<style|<script(?![^>]* src=)|\son\w+=|\sstyle=", page) == [], name
            loaded = re.findall(r"<(?:script|link|img|iframe)[^>]*? (?:src|href)=\"(.*?)\"", page)
            assert [one for one in loaded if one not in package.namelist()] == [], name


def test_no_script_runs_text_as_code_or_loads_a_script(package: ZipFile):
    for name in package.namelist():
        if name.endswith(".js"):
            script = package.read(name).decode()
            assert [script[at.start() - 40 : at.end() + 40] for at in re.finditer(CODE_FROM_TEXT, script)] == [], (
                name
            )
            chunks = [str(PurePosixPath(name).with_name(chunk)) for chunk in re.findall(CHUNK, script)]
            assert [chunk for chunk in chunks if chunk not in package.namelist()] == [], name


def section(file: str, heading: str) -> str:
    text = (EXTENSION / file).read_text(encoding="utf-8")
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_the_version_is_the_projects_and_the_changelog_has_it(package: ZipFile):
    version = manifest_of(package)["version"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert version == project["version"]
    assert f"\n## {version} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_store_says_what_the_browser_says_and_in_as_few_characters_as_it_takes(package: ZipFile):
    words = json.loads(package.read("_locales/en/messages.json"))
    manifest = manifest_of(package)

    assert (manifest["name"], manifest["description"]) == ("__MSG_name__", "__MSG_description__")
    assert section("store/listing.md", "Summary").strip() == words["description"]["message"]
    assert len(words["description"]["message"]) <= 132
    assert section("store/listing.md", "Name").strip() == words["name"]["message"]


def test_icons_are_as_large_as_the_manifest_says(package: ZipFile):
    for side, name in manifest_of(package)["icons"].items():
        icon = Image.open(io.BytesIO(package.read(name)))
        assert icon.size == (int(side), int(side))
