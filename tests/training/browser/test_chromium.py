"""A page in a real Chromium answers, or what is wrong with it is said in one line."""

from pathlib import Path

import pytest

from store.errors import InputError
from training.browser.chromium import ask_page

ASK = "const question = await (await fetch('../question')).json();"


def page(folder: Path, script: str) -> Path:
    (folder / "page.html").write_text(f"<!doctype html><script type=module>{ASK}\n{script}</script>")
    return folder


def test_a_page_reads_its_question_and_what_is_served_beside_it_and_its_answer_comes_back(tmp_path: Path):
    (tmp_path / "word.txt").write_text("seven")
    script = """
      const word = await (await fetch('../folder/word.txt')).text();
      const outside = (await fetch('../folder/%2e%2e/page.html')).status;
      const answer = {word, outside, asked: question.number, isolated: crossOriginIsolated};
      await fetch('../answer', {method: 'POST', body: JSON.stringify({answer})});"""

    found = ask_page("page.html", {"number": 7}, {"folder": tmp_path}, seconds=60, pages=page(tmp_path, script))

    # Isolated pages have the finer clock.
    assert found == {"word": "seven", "outside": 404, "asked": 7, "isolated": True}


def test_what_the_page_complains_of_is_told(tmp_path: Path):
    script = "await fetch('../answer', {method: 'POST', body: JSON.stringify({error: 'no such model'})});"

    with pytest.raises(InputError, match=r"page\.html in .*: no such model"):
        ask_page("page.html", {}, {}, seconds=60, pages=page(tmp_path, script))


def test_a_page_that_never_answers_is_given_up(tmp_path: Path):
    with pytest.raises(InputError, match="gave no answer in 1 s"):
        ask_page("page.html", {}, {}, seconds=1, pages=page(tmp_path, ""))


def test_without_a_browser_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(InputError, match="install the package 'chromium'"):
        ask_page("page.html", {}, {}, seconds=1, pages=page(tmp_path, ""))


def test_a_browser_that_ends_at_once_is_told_and_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "chromium").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "chromium").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(InputError, match="ended with code 3 before it answered"):
        ask_page("page.html", {}, {}, seconds=60, pages=page(tmp_path, ""))
