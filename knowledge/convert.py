"""Conversion: a raw file (.md .txt .html .pdf .docx) to Markdown text and what could be told about it.

Each format goes through a library made for it. What cannot be converted is said in one line per file; the rest goes on.
"""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable
from pathlib import Path

from knowledge.errors import ConversionError

# A patient leaflet or a paper has some hundred kilobytes; a file of this size is something else.
MOST_BYTES = 50 * 1024 * 1024
# A page of text has some thousand letters; under this, a PDF holds pictures of pages.
FEWEST_LETTERS_A_PAGE = 40


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """Markdown text of a raw file and, "" where unknown, its title, author, date (YYYY-MM-DD) and language (en, es, …)."""

    text: str
    title: str = ""
    author: str = ""
    date: str = ""
    language: str = ""


def convert(path: Path) -> Converted:
    """Convert one file.

    Raises:
        ConversionError: no such format, empty, too large, encrypted, scanned, damaged, or in an unknown encoding.
    """
    converter = _CONVERTERS.get(path.suffix.lower())
    if converter is None:
        raise ConversionError(
            f"{path}: {path.suffix or 'no suffix'} is not a known format; use {', '.join(_CONVERTERS)}"
        )
    try:
        size = path.stat().st_size
        if size == 0:
            raise ConversionError(f"{path}: the file is empty; fetch it again")
        if size > MOST_BYTES:
            raise ConversionError(
                f"{path}: {size / 2**20:.0f} MB, wanted at most {MOST_BYTES / 2**20:.0f} MB; split it or cut out its text"
            )
        converted = converter(path.read_bytes(), path)
    except OSError as error:
        raise ConversionError(f"{path}: cannot be read ({error.strerror})") from error
    if not converted.text.strip():
        raise ConversionError(f"{path}: no text was found in it; open it and check that it holds text")
    return converted


def _from_text(data: bytes, path: Path) -> Converted:
    return Converted(text=_decode(data, path))


def _decode(data: bytes, path: Path) -> str:
    from charset_normalizer import from_bytes

    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if encoding == "utf-8-sig" and b"\x00" in data:
        raise ConversionError(f"{path}: binary data, not text; save it as text in UTF-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        pass  # an older encoding: guess it
    best = from_bytes(data).best()
    if best is None:
        raise ConversionError(f"{path}: its encoding could not be told; save it as UTF-8")
    return str(best)


def _from_html(data: bytes, path: Path) -> Converted:
    import trafilatura

    # Scripts, styles, navigation and comments are left out by the extractor; headings and lists are kept.
    text = trafilatura.extract(
        data, output_format="markdown", include_comments=False, include_tables=True, include_links=False
    )
    if text is None:
        raise ConversionError(f"{path}: no main text was found in this page; save the article itself")
    found = trafilatura.extract_metadata(data)
    return Converted(
        text=text,
        title=(found.title or "") if found else "",
        author=(found.author or "") if found else "",
        date=(found.date or "") if found else "",
        language=(found.language or "") if found else "",
    )


def _from_pdf(data: bytes, path: Path) -> Converted:
    from pypdf import PdfReader
    from pypdf.errors import PdfReadError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ConversionError(f"{path}: the PDF is encrypted; remove its password first")
        pages = [page.extract_text() or "" for page in reader.pages]
        about = reader.metadata
    except (PdfReadError, PyPdfError, ValueError, KeyError, RecursionError) as error:
        raise ConversionError(f"{path}: the PDF is damaged ({type(error).__name__}); fetch it again") from error
    letters = sum(len(re.findall(r"\w", page)) for page in pages)
    if letters < FEWEST_LETTERS_A_PAGE * max(1, len(pages)):
        raise ConversionError(
            f"{path}: the PDF holds scanned pages without text; run text recognition (OCR) on it first"
        )
    return Converted(
        text=_unwrap("\n".join(pages)),
        title=str(about.title or "") if about else "",
        author=str(about.author or "") if about else "",
        date=f"{about.creation_date:%Y-%m-%d}" if about and about.creation_date else "",
    )


def _unwrap(text: str) -> str:
    """Join the lines of a page into paragraphs: a line that does not end a sentence goes on in the next one."""
    paragraphs: list[str] = []
    for line in text.split("\n"):
        goes_on = (
            paragraphs and paragraphs[-1] and not re.search(r"[.!?:]\s*$", paragraphs[-1]) and len(paragraphs[-1]) > 60
        )
        if goes_on and line.strip():
            paragraphs[-1] = f"{paragraphs[-1].rstrip('-')}{'' if paragraphs[-1].endswith('-') else ' '}{line.strip()}"
        else:
            paragraphs.append(line.strip())
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _from_docx(data: bytes, path: Path) -> Converted:
    import zipfile

    import mammoth

    try:
        html = mammoth.convert_to_html(io.BytesIO(data)).value
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ConversionError(
            f"{path}: not a Word document or damaged ({type(error).__name__}); save it again"
        ) from error
    return Converted(text=_markdown_of(html))


def _markdown_of(html: str) -> str:
    """Turn mammoth's plain HTML (headings, paragraphs, lists, tables) into Markdown."""
    from lxml import html as parser

    blocks: list[str] = []
    for element in parser.fragment_fromstring(html, create_parent="div"):
        text = " ".join(element.text_content().split())
        if not text:
            continue
        if re.fullmatch(r"h[1-6]", element.tag):
            blocks.append(f"## {text}")
        elif element.tag in ("ul", "ol"):
            blocks.append("\n".join(f"- {' '.join(item.text_content().split())}" for item in element.iter("li")))
        elif element.tag == "table":
            rows = [
                [" ".join(cell.text_content().split()) for cell in row.iter("td", "th")] for row in element.iter("tr")
            ]
            blocks.append("\n".join(f"- {': '.join(cell for cell in row if cell)}" for row in rows))
        else:
            blocks.append(text)
    return "\n\n".join(blocks)


_CONVERTERS: dict[str, Callable[[bytes, Path], Converted]] = {
    ".md": _from_text,
    ".txt": _from_text,
    ".html": _from_html,
    ".htm": _from_html,
    ".pdf": _from_pdf,
    ".docx": _from_docx,
}
SUFFIXES = tuple(_CONVERTERS)
