"""The classifier as an npm package: packed, installed elsewhere, used by a plain page and by TypeScript."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.extension.browser import calm_tab, chromium
from tests.extension.conftest import BUILD
from tests.extension.judged import Judged
from tests.extension.site import Site

LIBRARY = BUILD / "library"
PACKAGE = "flinch-classifier"
AXE = BUILD.parent / "node_modules" / "axe-core" / "axe.min.js"
TSC = BUILD.parent / "node_modules" / "typescript" / "bin" / "tsc"

CONSUMER = """
import { type Classifier, type Prediction, load } from "flinch-classifier";

export async function worst(image: HTMLImageElement): Promise<Prediction | undefined> {
  const classifier: Classifier = await load({ base: new URL("https://example.org/") });
  const predictions = await classifier.classify(image, 2);
  const triggering: boolean = classifier.isTriggering(predictions, "strict");
  return triggering ? predictions[0] : undefined;
}
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the library, install the tarball into an empty folder without a network, and return that folder."""
    folder = tmp_path_factory.mktemp("consumer")
    run("npm", "pack", str(LIBRARY), "--pack-destination", str(folder), folder=folder)
    tarball = next(folder.glob("*.tgz"))
    (folder / "package.json").write_text('{"name": "consumer", "private": true, "type": "module"}')
    run("npm", "install", "--offline", "--no-audit", "--no-fund", f"./{tarball.name}", folder=folder)
    return folder


def run(*command: str, folder: Path) -> str:
    path = shutil.which(command[0])
    assert path, f"no {command[0]} on the PATH"
    done = subprocess.run([path, *command[1:]], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def plain(playwright: Playwright) -> Iterator[Browser]:
    """Run Chromium without the extension, which would hide and cover the pictures itself."""
    browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
    yield browser
    browser.close()


@pytest.fixture
def page(plain: Browser) -> Iterator[Page]:
    """Open an empty tab; at the end no exception may have escaped in it."""
    yield from calm_tab(plain)


@pytest.fixture
def classifying(page: Page, site: Site, installed: Path, drawn: list[Judged]) -> Page:
    """Return a page without a bundler that has loaded the installed package as ``classifier``."""
    site.folders["node_modules"] = installed / "node_modules"
    for picture in drawn:
        site.put(f"library/{picture.name}", picture.data)
    script = f"import {{ load }} from '/node_modules/{PACKAGE}/index.js'; window.loading = load();"
    page.goto(site.page("library", f'<script type="module">{script}</script>'))
    page.evaluate("async () => { window.classifier = await window.loading }")
    return page


def test_the_package_holds_what_it_needs_and_nothing_else(installed: Path) -> None:
    package = installed / "node_modules" / PACKAGE
    described = json.loads((package / "package.json").read_text())

    names = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}

    assert {"index.js", "index.d.ts", "README.md", "LICENSE", "model/bundle.json", "model/model.json"} <= names
    assert not {name for name in names if name.startswith("demo") or name.endswith(".ts")} - {"index.d.ts"}
    assert "dependencies" not in described
    assert sum((package / name).stat().st_size for name in names) < 12e6


def test_a_plain_page_gets_the_verdicts_of_the_bundle_for_every_kind_of_input(
    classifying: Page, drawn: list[Judged]
) -> None:
    answers: list[dict[str, Any]] = classifying.evaluate(
        """async (names) => {
          const answers = [];
          for (const name of names) {
            const blob = await (await fetch(`library/${name}`)).blob();
            const image = new Image();
            image.src = `library/${name}`;
            await new Promise((resolve) => { image.onload = resolve });
            const bitmap = await createImageBitmap(blob);
            const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
            const context = canvas.getContext("2d");
            context.drawImage(bitmap, 0, 0);
            const data = context.getImageData(0, 0, bitmap.width, bitmap.height);
            const rgb = Float32Array.from(data.data.filter((_, at) => at % 4 < 3));
            const tensor = { shape: [1, bitmap.height, bitmap.width, 3], data: async () => rgb };
            const by = {};
            for (const [kind, input] of Object.entries({ blob, image, bitmap, canvas, data, tensor })) {
              by[kind] = await classifier.classify(input);
            }
            answers.push({ by, triggering: classifier.isTriggering(by.blob) });
          }
          return answers;
        }""",
        [picture.name for picture in drawn],
    )

    assert [answer["triggering"] for answer in answers] == [picture.covered for picture in drawn]
    for answer in answers:
        assert all(predictions == answer["by"]["blob"] for predictions in answer["by"].values())
        probabilities = [prediction["probability"] for prediction in answer["by"]["blob"]]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) == pytest.approx(1, abs=1e-3)


def test_topk_cuts_and_strictness_chooses_the_threshold(classifying: Page, harmless: Judged) -> None:
    found = classifying.evaluate(
        """async (name) => {
          const { positive, thresholds } = classifier;
          const one = await classifier.classify(await (await fetch(`library/${name}`)).blob(), 1);
          const at = (probability) => [{ className: positive, probability }];
          return {
            one,
            lenient: classifier.isTriggering(at(thresholds.lenient), "lenient"),
            below: classifier.isTriggering(at(thresholds.lenient - 1e-6), "lenient"),
            balanced: classifier.isTriggering(at(thresholds.balanced)),
            broken: classifier.isTriggering(at(NaN)),
          };
        }""",
        harmless.name,
    )

    assert len(found.pop("one")) == 1
    assert found == {"lenient": True, "below": False, "balanced": True, "broken": True}


def test_what_cannot_be_read_rejects(classifying: Page) -> None:
    reasons = classifying.evaluate(
        """async () => {
          const inputs = [new Blob(["no picture"]), { shape: [2, 2], data: async () => [] }];
          const why = (input) => classifier.classify(input).then(() => "", (error) => error.name);
          return Promise.all(inputs.map(why));
        }"""
    )

    assert reasons == ["InvalidStateError", "RangeError"]


def test_an_altered_model_is_refused(page: Page, site: Site, installed: Path, tmp_path: Path) -> None:
    package = shutil.copytree(installed / "node_modules" / PACKAGE, tmp_path / "altered" / PACKAGE)
    shard = next((package / "model").glob("*.bin"))
    shard.write_bytes(shard.read_bytes()[:-1] + b"?")
    site.folders["altered"] = tmp_path / "altered"
    page.goto(site.page("altered", ""))

    why = page.evaluate(
        "path => import(path).then(({ load }) => load()).then(() => '', (error) => error.message)",
        f"/altered/{PACKAGE}/index.js",
    )

    assert why == f"{shard.name} is not the file that was released"


def test_typescript_knows_the_types_of_the_installed_package(installed: Path) -> None:
    (installed / "consumer.ts").write_text(CONSUMER)
    options = ["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom"]

    run("node", str(TSC), *options, "consumer.ts", folder=installed)
    (installed / "wrong.ts").write_text(CONSUMER.replace('"strict")', '"severe")'))
    with pytest.raises(AssertionError, match="severe"):
        run("node", str(TSC), *options, "wrong.ts", folder=installed)


def test_the_demo_page_judges_a_picture_behind_a_blur_and_is_accessible(
    page: Page, site: Site, covered: Judged, harmless: Judged
) -> None:
    site.folders["library"] = LIBRARY
    page.goto(f"{site.url}/library/demo/index.html")
    page.get_by_text("is ready").wait_for()

    files = [{"name": p.name, "mimeType": "image/png", "buffer": p.data} for p in (covered, harmless)]
    page.get_by_label("Pictures to judge").set_input_files(files)
    # Not wait_for_function: from its second look on, the page's CSP refuses its eval.
    page.locator("#judged li").nth(1).wait_for()

    words = page.locator("#judged li p").all_text_contents()
    assert words == ["Harmless", "Triggering"]
    picture = page.get_by_alt_text(covered.name)
    assert "blur" in picture.evaluate("image => getComputedStyle(image).filter")
    page.get_by_role("button", name=f"Show {covered.name}").press("Enter")
    assert picture.evaluate("image => getComputedStyle(image).filter") == "none"
    # By evaluation: the page's CSP would refuse it as a script.
    page.evaluate(AXE.read_text())
    assert page.evaluate("axe.run().then(result => result.violations.map(({ id }) => id))") == []
