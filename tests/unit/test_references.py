"""References: CSL-JSON in, one line out, and links only to where a reader may be sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.errors import BibliographyError
from knowledge.references import read_references
from knowledge.settings import PACKAGE

OURS = PACKAGE / "references.json"
ITEM = {
    "id": "kahn2009",
    "type": "article-journal",
    "title": "A trial",
    "author": [{"family": "Kahn", "given": "R"}],
    "issued": {"date-parts": [[2009]]},
    "container-title": "A Journal",
    "DOI": "10.1/x",
    "custom": {"kind": "randomised trial", "direction": "against", "topic": "cocaine"},
}


def read(tmp_path: Path, *items: object):
    path = tmp_path / "references.json"
    path.write_text(json.dumps(items), encoding="utf-8")
    return read_references(path)


def custom(**changes: object) -> dict[str, object]:
    return {**ITEM, "custom": {**ITEM["custom"], **changes}}


def test_a_reference_is_one_line_with_a_link(tmp_path: Path):
    reference = read(tmp_path, ITEM)["kahn2009"]
    assert (reference.text, reference.url, reference.year) == (
        "Kahn 2009, A trial, A Journal",
        "https://doi.org/10.1/x",
        2009,
    )


def test_more_authors_than_are_known_are_et_al(tmp_path: Path):
    assert read(tmp_path, custom(et_al=True))["kahn2009"].text.startswith("Kahn et al. 2009,")


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([{"title": "x"}], "no id"),
        ([ITEM, ITEM], "used twice"),
        ([custom(kind="blog")], "custom.kind is 'blog'"),
        ([custom(direction="yes")], "custom.direction is 'yes'"),
    ],
)
def test_a_bad_list_is_refused_with_the_reason(tmp_path: Path, items: list[object], message: str):
    with pytest.raises(BibliographyError, match=message.replace(".", r"\.")):
        read(tmp_path, *items)


def test_a_missing_or_broken_file_says_how_to_mend_it(tmp_path: Path):
    with pytest.raises(BibliographyError, match="export it from Zotero"):
        read_references(tmp_path / "none.json")
    (tmp_path / "references.json").write_text("{", encoding="utf-8")
    with pytest.raises(BibliographyError, match="export it from Zotero"):
        read_references(tmp_path / "references.json")


def test_our_references_link_only_by_https_to_publishers_registries_and_agencies():
    hosts = {
        reference.url.split("/")[2]
        for reference in read_references(OURS).values()
        if reference.url and reference.url.startswith("https")
    }
    insecure = [
        reference.url
        for reference in read_references(OURS).values()
        if reference.url and not reference.url.startswith("https")
    ]
    assert insecure in ([], ["http://findings.org.uk/PHP/dl.php?f=Muller_CA_3.txt&s=eb&sf=rel"])
    assert not [
        host for host in hosts if any(word in host for word in ("rehab", "forum", "blogspot", "wiki", "drugs.com"))
    ]


def test_every_study_says_who_was_studied():
    studies = ("trial", "study", "meta-analysis", "case series", "survey")
    assert [one.id for one in read_references(OURS).values() if one.kind.endswith(studies) and not one.population] == []
