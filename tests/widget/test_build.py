"""The widget's files: built from the sources as they are, small, and complete in each language."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
WIDGET = ROOT / "bot" / "widget"
STRINGS = {path.stem: json.loads(path.read_text()) for path in (WIDGET / "src" / "strings").glob("*.json")}


def test_the_built_files_are_what_the_sources_give():
    assert (WIDGET / "node_modules" / "esbuild").exists(), (
        "the widget's tools are not installed; run: make widget-tools"
    )
    binaries = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [str(binaries / "npm"), "run", "--silent", "check"],
        cwd=WIDGET,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_page_loads_little_before_the_chat_is_opened_and_not_much_after():
    size = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in (WIDGET / "dist").glob("*.js")}
    loader = size.pop("askwell.js")
    assert loader <= 2 * 1024
    assert size.keys() == {f"askwell-{language}.js" for language in STRINGS}
    assert loader + max(size.values()) <= 15 * 1024


def test_every_language_has_the_same_words_with_the_same_gaps():
    english = STRINGS["en"]
    for language, words in STRINGS.items():
        assert list(words) == list(english), language
        for key, text in words.items():
            assert type(text) is type(english[key])
            assert len(text) if isinstance(text, str) else len(text) == len(english[key])
            if isinstance(text, str):
                assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[key])), (
                    f"{language}: {key}"
                )


def test_every_word_is_used():
    code = "".join(path.read_text() for path in (WIDGET / "src").glob("*.ts"))
    unused = [key for key in STRINGS["en"] if not re.search(rf"\b(words\.)?{key}\b", code)]
    assert unused == []


def test_the_widget_knows_the_crisis_lines_of_every_country():
    countries = yaml.safe_load((ROOT / "knowledge" / "helplines.yml").read_text())["countries"]
    panel = (WIDGET / "dist" / "askwell-en.js").read_text()
    for entry in countries.values():
        for line in entry["lines"]:
            if line["need"] == "emergency":
                assert f"{line['name']}|{line['contact']}|{line['href'].removeprefix('tel:')}" in panel


def test_nothing_in_the_widget_writes_markup():
    code = "".join(path.read_text() for path in (WIDGET / "src").glob("*.ts"))
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|srcdoc", code)
