"""From a raw file to a draft: boilerplate goes, headings stay, trouble is named and nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.knowledge import knowledge
from knowledge.convert import convert
from knowledge.document import read_document
from knowledge.draft import make_draft
from knowledge.errors import ConversionError

PAGE = """\
google.com, pub-1234567890123456, DIRECT, f08c47fec0942fa0
Avatar photoSomebody
Publish Date

Is Relaxol Good For You? New

Call Now 1-555-010-0199 100% Private Who Answers?

1. How it works

Relaxol is a groundbreaking drug. It eliminates the drug\u2019s effect in muscular sclerosis patients.

1.2 Dosage Protocols

  \u2022  Some take ten milligrams
  \u2022  Some take none

Please feel free to call our toll-free number today.

About the Author :

I make people think.
"""


def draft_of(text: str, tmp_path: Path):
    source = tmp_path / "page.txt"
    source.write_text(text, encoding="utf-8")
    return make_draft(convert(source), source, tmp_path)


def test_boilerplate_goes_and_headings_stay(tmp_path: Path):
    draft = draft_of(PAGE, tmp_path)
    assert draft.id == "is-relaxol-good-for-you"
    for gone in ("pub-", "Avatar", "Publish Date", "Call Now", "555", "toll-free", "Author", "people think"):
        assert gone not in draft.text
    assert "## How it works" in draft.text
    assert "## Dosage Protocols" in draft.text
    assert "- Some take none [@unreferenced]" in draft.text


def test_every_claim_is_marked_and_what_is_wrong_is_flagged(tmp_path: Path):
    draft = draft_of(PAGE, tmp_path)
    flagged = {finding.code: finding.message for finding in draft.findings}
    assert "groundbreaking drug. [@unreferenced]" in draft.text
    assert "ten milligrams" in flagged["dose-amount"]
    assert "groundbreaking" in flagged["hype"]
    assert "Dosage Protocols" in flagged["dose-section"]
    said = " ".join(finding.message for finding in draft.findings)
    assert "eliminates the drug's effect" in said
    assert "muscular sclerosis" in said
    lines = draft.text.split("\n")
    assert all(finding.line <= len(lines) for finding in draft.findings)


def test_a_draft_is_a_document_that_is_not_served(tmp_path: Path):
    draft = draft_of(PAGE, tmp_path)
    (tmp_path / f"{draft.id}.md").write_text(draft.text, encoding="utf-8")
    document = read_document(tmp_path / f"{draft.id}.md")
    assert document.status == "draft"
    assert document.text == draft.text


def test_a_web_page_loses_scripts_and_navigation(tmp_path: Path):
    paragraph = "Relaxol relaxes muscles and was studied in several trials with many people over many weeks. " * 3
    source = tmp_path / "page.html"
    source.write_text(
        f"<html lang='en'><head><title>On Relaxol</title><script>alert(1)</script></head><body><nav>Home About</nav>"
        f"<article><h1>On Relaxol</h1><h2>How it works</h2><p>{paragraph}</p><h2>Risks</h2><p>{paragraph}It can harm.</p>"
        f"</article><footer>Privacy Policy</footer></body></html>",
        encoding="utf-8",
    )
    draft = make_draft(convert(source), source, tmp_path)
    assert "alert" not in draft.text
    assert "Privacy" not in draft.text
    assert "How it works" in draft.text
    assert "It can harm." in draft.text


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        pytest.param("a.txt", b"", "empty", id="0 bytes"),
        pytest.param("a.xls", b"x", "not a known format", id="format"),
        pytest.param("a.txt", b"\x00\x01\x02\x03" * 50, "binary", id="binary"),
        pytest.param("a.pdf", b"%PDF-1.4 broken", "damaged", id="broken pdf"),
        pytest.param("a.docx", b"PK broken", "not a Word document", id="broken docx"),
        pytest.param("a.txt", b"   \n \n", "no text", id="blank"),
        pytest.param("a.html", b"<html><script>1</script></html>", "no main text", id="only scripts"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, data: bytes, message: str):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ConversionError, match=message):
        convert(tmp_path / name)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path):
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(ConversionError, match="200 MB, wanted at most 50 MB"):
        convert(tmp_path / "a.txt")


def make_pdf(text: str | None, password: str | None = None) -> bytes:
    """Make a PDF of one page, with text or (None) with nothing but an empty page."""
    import io

    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    page = writer.add_blank_page(600, 800)
    if text is not None:
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode())
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        page[NameObject("/Contents")] = stream
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_pdf_files_give_their_text_or_the_reason(tmp_path: Path):
    source = tmp_path / "a.pdf"
    source.write_bytes(make_pdf("Relaxol relaxes muscles and was studied in several trials."))
    assert "studied in several trials" in convert(source).text
    source.write_bytes(make_pdf(None))
    with pytest.raises(ConversionError, match="scanned"):
        convert(source)
    source.write_bytes(make_pdf("Relaxol", password="secret"))
    with pytest.raises(ConversionError, match="encrypted"):
        convert(source)


def test_one_bad_file_does_not_stop_the_others_and_nothing_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ASKWELL_KNOWLEDGE", str(tmp_path / "k"))
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "bad.pdf").write_bytes(b"")
    (raw / "good.txt").write_text(PAGE, encoding="utf-8")
    first = CliRunner().invoke(knowledge, ["add", str(raw)])
    assert first.exit_code == 1
    assert "bad.pdf: the file is empty" in first.output
    target = tmp_path / "k" / "documents" / "is-relaxol-good-for-you.md"
    before = target.read_text()
    target.write_text(before + "edited", encoding="utf-8")
    again = CliRunner().invoke(knowledge, ["add", str(raw / "good.txt")])
    assert again.exit_code == 1
    assert "is left as it is" in again.output
    assert target.read_text() == before + "edited"


def test_a_text_in_an_old_encoding_is_read(tmp_path: Path):
    (tmp_path / "a.txt").write_bytes(
        ("Über das Mittel wurde in fünf Studien ausführlich geforscht. " * 5).encode("cp1252")
    )
    assert "Über das Mittel" in convert(tmp_path / "a.txt").text
