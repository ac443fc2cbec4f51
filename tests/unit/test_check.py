"""The linter: every fault that a reviewer must not have to look for is found, and our own documents have none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.check import check_knowledge
from knowledge.settings import PACKAGE, today
from tests.build_values import COCAINE, SIDE_EFFECTS, TODAY, write_knowledge

LONG = "Baclofen can make people feel sleepy and weak. [@label] " * 12
HARD = (
    "Comprehensive multidisciplinary considerations necessitate individualised pharmacological evaluation of spasticity "
    "notwithstanding methodological heterogeneity. [@label]"
)


def plant(folder: Path, body: str = "", **front_matter: str) -> list[str]:
    """Check a knowledge folder with one fault planted; return the codes found in documents."""
    write_knowledge(folder)
    text = SIDE_EFFECTS + body
    for name, value in front_matter.items():
        text = "\n".join(f"{name}: {value}" if line.startswith(f"{name}:") else line for line in text.split("\n"))
    (folder / "documents" / "side-effects.md").write_text(text, encoding="utf-8")
    return [finding.code for finding in check_knowledge(folder, TODAY)]


def test_good_documents_have_no_findings(tmp_path: Path):
    assert plant(tmp_path) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("\nBaclofen makes some people feel weak.\n", "unreferenced"),
        ("\nBaclofen makes some people feel weak. [@nobody1999]\n", "unknown-reference"),
        ("\nPeople took ten milligrams of baclofen in this trial. [@label]\n", "dose-amount"),
        ("\nSome people took baclofen three times a day. [@label]\n", "dose-amount"),
        ("\nCall 1-888-744-0789 for help with baclofen today. [@label]\n", "telephone"),
        (f"\n{HARD}\n", "grade"),
        (f"\n{LONG}\n", "too-long"),
        ("\nVery sleepy. [@label]\n", "too-short"),
        ("\nIt can make people feel weak and sleepy. [@label]\n", "leaning"),
        (
            "\nCommon side effects of baclofen are that people feel sleepy, dizzy and also weak. [@label]\n",
            "duplicate",
        ),
        ("\nSee [the list](#no-such-heading) of effects of baclofen. [@label]\n", "dead-anchor"),
        ("\nSee [the site](https://example.org) on effects of baclofen. [@label]\n", "link"),
        ("\nBaclofen is a promising drug for some people. [@label]\n", "hype"),
        ("\nBaclofen is used by some cocaine addicts now. [@label]\n", "stigma"),
        ("\nBaclofen eliminates the drug's effect in some people. [@label]\n", "false-claim"),
        ("\n## Dosage and use\n\nBaclofen is a drug that some people take. [@label]\n", "dose-section"),
        ("\n# Top\n\nBaclofen is a drug that some people take. [@label]\n", "heading"),
        ("\nBaclofen makes **some people** feel weak and tired. [@label]\n", "markup"),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)
def test_a_planted_fault_is_found(tmp_path: Path, body: str, code: str):
    assert code in plant(tmp_path, body)


@pytest.mark.parametrize(
    ("front_matter", "code"),
    [
        ({"review_due": "2026-11-19"}, "overdue"),
        ({"reviewed_by": ""}, "unsigned"),
        ({"reviewed_on": ""}, "unsigned"),
        ({"id": "other"}, "file-name"),
        ({"id": "cocaine"}, "same-id"),
        ({"status": "signed"}, "unreadable"),
    ],
)
def test_a_fault_in_the_front_matter_is_found(tmp_path: Path, front_matter: dict[str, str], code: str):
    assert code in plant(tmp_path, **front_matter)


def test_an_unused_reference_and_a_broken_list_are_found(tmp_path: Path):
    folder = write_knowledge(tmp_path, COCAINE.replace("; @large", "").replace("@large", "@small"))
    assert [one.code for one in check_knowledge(folder, TODAY)].count("unused-reference") == 1
    items = json.loads((folder / "references.json").read_text())
    del items[0]["custom"]
    (folder / "references.json").write_text(json.dumps(items))
    assert "references" in [one.code for one in check_knowledge(folder, TODAY)]


def test_a_finding_names_file_line_and_mend(tmp_path: Path):
    plant(tmp_path, "\nBaclofen makes some people feel weak.\n")
    (finding,) = check_knowledge(tmp_path, TODAY)
    line = (tmp_path / "documents" / "side-effects.md").read_text().split("\n").index(
        "Baclofen makes some people feel weak."
    ) + 1
    assert str(finding).startswith(f"{tmp_path}/documents/side-effects.md:{line}: unreferenced: ")
    assert "add [@key]" in str(finding)


def test_our_own_documents_have_no_findings():
    assert [str(finding) for finding in check_knowledge(PACKAGE, today())] == []


def test_wordings_of_a_heading_that_is_gone_are_found(tmp_path: Path):
    folder = write_knowledge(tmp_path)
    wordings = 'cocaine:\n  "Does baclofen help people who use cocaine?": ["coke"]\n  "Gone?": ["x"]\n'
    (folder / "asked.yml").write_text(wordings, encoding="utf-8")
    (finding,) = check_knowledge(folder, TODAY)
    assert (finding.code, "'Gone?'" in finding.message) == ("wordings", True)


def test_unanswered_questions_that_a_section_answers_are_found(tmp_path: Path):
    folder = write_knowledge(tmp_path)
    questions = "# remark\ndoes baclofen cure lupus\n\ndoes Baclofen help people who use cocaine\n"
    (folder / "unanswered.txt").write_text(questions, encoding="utf-8")
    (finding,) = check_knowledge(folder, TODAY)
    assert (finding.code, "'does Baclofen help people who use cocaine'" in finding.message) == ("answered", True)
