"""The linter of the knowledge base: what a reviewer must not have to look for. One finding a line, with its mend."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from knowledge.corpus import read_unanswered, read_wordings
from knowledge.document import Document, Passage, Sentence, read_document
from knowledge.errors import KnowledgeError
from knowledge.helplines import all_contacts
from knowledge.query import tokens
from knowledge.reading import reading_grade
from knowledge.references import Reference, read_references
from knowledge.wording import dose_amounts, false_claims, foreign_telephone_numbers, load_wording

MOST_GRADE = 8.0
MOST_WORDS = 90
FEWEST_WORDS = 6
# Two passages that share this much of their three-word runs say the same thing twice.
DUPLICATE = 0.6
_LEANING = re.compile(r"(?:It|They|This|These|That|Those|Such|He|She|Their|Its|However|But|Also|Instead)\b")
# Advice and questions claim nothing, so they need no reference.
_ADVICE = re.compile(
    r"(?:Please )?(?:Ask|Tell|Call|Talk|Keep|Bring|Never|Do not|Don't|Get|See|Stay|Write|Go|Check|Show|Say|Seek|Contact|If )\b"
)
_MARKUP = re.compile(r"\*\*|__|(?<!\w)[*_]\w|<\w+|!\[|`")
_LINK = re.compile(r"\[[^\]@]+\]\(([^)]+)\)")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault: where it is, a short code, what was found, and what mends it."""

    path: Path
    line: int
    code: str
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code}: {self.message}; {self.mend}"


def check_knowledge(folder: Path, today: datetime.date) -> list[Finding]:
    """Check references.json and every reviewed document of a knowledge folder."""
    findings: list[Finding] = []
    references = _read_references(folder / "references.json", findings)
    documents = []
    for path in sorted((folder / "documents").glob("*.md")):
        document = _read(path, findings)
        if document is not None and document.status == "reviewed":
            documents.append(document)
    for document in documents:
        findings += check_document(document, references, today)
    findings += _same_ids(documents)
    findings += _wordings(folder / "asked.yml", folder / "unanswered.txt", documents)
    findings += _duplicates(documents)
    findings += _unused(documents, references, folder / "references.json")
    return sorted(findings, key=lambda one: (str(one.path), one.line, one.code))


def check_document(document: Document, references: Mapping[str, Reference], today: datetime.date) -> list[Finding]:
    """Check one document by itself, whatever its status."""
    contacts = all_contacts()
    found = [*_review(document, today), *_headings(document)]
    for passage in document.passages:
        found += _passage(document, passage)
        found += _references(document, passage, references)
        for sentence in passage.sentences:
            found += _wording(document, sentence, contacts)
    return found


def _read(path: Path, findings: list[Finding]) -> Document | None:
    try:
        return read_document(path)
    except KnowledgeError as error:
        findings.append(Finding(path=path, line=1, code="unreadable", message=str(error), mend="mend the file"))
        return None


def _wordings(path: Path, unanswered: Path, documents: Iterable[Document]) -> Iterator[Finding]:
    """Find what did not change with the documents: wordings of sections that are gone, unanswered questions that are not."""
    headings = {document.id: {passage.section for passage in document.passages} for document in documents}
    try:
        wordings = read_wordings(path)
    except KnowledgeError as error:
        yield Finding(path=path, line=1, code="wordings", message=str(error), mend="mend the file")
        return
    for document, sections in wordings.items():
        for heading in sections.keys() - headings.get(document, set()):
            yield Finding(
                path=path,
                line=1,
                code="wordings",
                message=f"no reviewed document {document!r} has the heading {heading!r}",
                mend="change it to the heading as it is now, or remove it",
            )
    asked = {text for sections in wordings.values() for texts in sections.values() for text in texts}
    answered = {tuple(tokens(text)) for text in asked.union(*headings.values())}
    for question in read_unanswered(unanswered):
        if tuple(tokens(question)) in answered:
            yield Finding(
                path=unanswered,
                line=1,
                code="answered",
                message=f"a section answers {question!r}",
                mend="remove the line, so that patients get the answer",
            )


def _read_references(path: Path, findings: list[Finding]) -> Mapping[str, Reference]:
    try:
        return read_references(path)
    except KnowledgeError as error:
        findings.append(Finding(path=path, line=1, code="references", message=str(error), mend="mend the entry"))
        return {}


def _line(document: Document, offset: int) -> int:
    return document.text.count("\n", 0, offset) + 1


def _review(document: Document, today: datetime.date) -> Iterator[Finding]:
    def finding(code: str, message: str, mend: str) -> Finding:
        return Finding(path=document.path, line=1, code=code, message=message, mend=mend)

    if document.path.stem != document.id:
        yield finding(
            "file-name", f"the id is {document.id!r}", f"rename the file to {document.id}.md or change the id"
        )
    if document.status == "reviewed" and (not document.reviewed_by or document.reviewed_on is None):
        yield finding("unsigned", "reviewed, but by whom or when is missing", "fill in reviewed_by and reviewed_on")
    if document.is_overdue(today):
        yield finding(
            "overdue", f"the review was due on {document.review_due}", "review it and set reviewed_on and review_due"
        )


def _headings(document: Document) -> Iterator[Finding]:
    wording = load_wording()
    body = document.text.index("\n---", 3)
    for number, line in enumerate(document.text.split("\n"), start=1):
        if number <= document.text.count("\n", 0, body) + 1:
            continue

        def finding(code: str, message: str, mend: str, line_number: int = number) -> Finding:
            return Finding(path=document.path, line=line_number, code=code, message=message, mend=mend)

        for target in _LINK.findall(line):
            yield _link(document, number, target)
        if not line.startswith("#"):
            continue
        if line.startswith("# "):
            yield finding("heading", "a first-level heading", "use ##")
        if wording.dose_headings.search(line):
            yield finding(
                "dose-section", f"{line.lstrip('# ')!r} is about amounts", "leave it out, amounts are for prescribers"
            )
        if found := wording.hype.search(line):
            yield finding("hype", f"{found.group()!r}", "say what was found instead")
        if found := wording.stigma.search(line):
            yield finding("stigma", f"{found.group()!r}", "say 'people who …' instead")


def _link(document: Document, line: int, target: str) -> Finding:
    anchors = {_anchor(heading) for heading in re.findall(r"^#+ (.+)$", document.text, re.MULTILINE)}
    if target.startswith("#") and target[1:] not in anchors:
        code, message, mend = "dead-anchor", f"no heading for {target!r}", "mend or drop it"
    else:
        code, message, mend = "link", "a link in the text", "cite a reference instead"
    return Finding(path=document.path, line=line, code=code, message=message, mend=mend)


def _anchor(heading: str) -> str:
    return "-".join(re.findall(r"\w+", heading.lower()))


def _passage(document: Document, passage: Passage) -> Iterator[Finding]:
    def finding(code: str, message: str, mend: str) -> Finding:
        return Finding(path=document.path, line=passage.line, code=code, message=message, mend=mend)

    words = len(passage.text.split())
    if words > MOST_WORDS:
        yield finding("too-long", f"the passage has {words} words, wanted at most {MOST_WORDS}", "split it")
    if words < FEWEST_WORDS:
        yield finding("too-short", f"the passage has {words} words, wanted at least {FEWEST_WORDS}", "say it in full")
    if _LEANING.match(passage.text):
        yield finding(
            "leaning", f"the passage opens with {passage.text.split()[0]!r}", "name its subject, it is quoted alone"
        )
    grade = passage_grade(passage.text)
    if grade > MOST_GRADE:
        yield finding(
            "grade", f"reading grade {grade}, wanted at most {MOST_GRADE}", "shorter sentences, plainer words"
        )
    if _MARKUP.search(passage.text):
        yield finding("markup", "bold, italics, code, images or HTML", "use plain text")


def passage_grade(text: str) -> float:
    """Return the reading grade of a passage; the names of wording.yml count as words of two syllables."""
    names = load_wording().names
    return reading_grade(
        re.sub(r"[\w'-]+", lambda match: "doctor" if match.group().lower() in names else match.group(), text)
    )


def _references(document: Document, passage: Passage, references: Mapping[str, Reference]) -> Iterator[Finding]:
    for sentence in passage.sentences:
        line = _line(document, sentence.start)
        if not sentence.references and not sentence.text.endswith("?") and not _ADVICE.match(sentence.text):
            yield Finding(
                path=document.path,
                line=line,
                code="unreferenced",
                message=f"no reference for {_short(sentence.text)}",
                mend="add [@key] behind it, or drop it",
            )
        for key in sentence.references:
            if key not in references:
                yield Finding(
                    path=document.path,
                    line=line,
                    code="unknown-reference",
                    message=f"references.json has no {key!r}",
                    mend="add it there or mend the key",
                )


def _wording(document: Document, sentence: Sentence, contacts: Iterable[str]) -> Iterator[Finding]:
    def finding(code: str, message: str, mend: str) -> Finding:
        return Finding(path=document.path, line=_line(document, sentence.start), code=code, message=message, mend=mend)

    wording = load_wording()
    for amount in dose_amounts(sentence.text):
        yield finding("dose-amount", f"{amount!r}", "leave the amount out")
    for number in foreign_telephone_numbers(sentence.text, contacts):
        yield finding("telephone", f"{number!r} is not in helplines.yml", "leave it out, or verify and add it there")
    for match in wording.hype.finditer(sentence.text):
        yield finding("hype", f"{match.group()!r}", "say what was found instead")
    for match in wording.stigma.finditer(sentence.text):
        yield finding("stigma", f"{match.group()!r}", "say 'people who …' instead")
    for words, truth in false_claims(sentence.text):
        yield finding("false-claim", f"{words!r}", f"correct it: {truth}")


def _same_ids(documents: Iterable[Document]) -> Iterator[Finding]:
    seen: dict[str, Document] = {}
    for document in documents:
        if document.id in seen:
            yield Finding(
                path=document.path,
                line=1,
                code="same-id",
                message=f"{seen[document.id].path} has the id {document.id!r} too",
                mend="rename one",
            )
        seen.setdefault(document.id, document)


def _duplicates(documents: Iterable[Document]) -> Iterator[Finding]:
    passages = [(document, passage) for document in documents for passage in document.passages]
    runs = [_runs(passage.text) for _, passage in passages]
    by_run: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, found in enumerate(runs):
        for run in found:
            by_run[run].append(number)
    for number, (document, passage) in enumerate(passages):
        shared: dict[int, int] = defaultdict(int)
        for run in runs[number]:
            for other in by_run[run]:
                if other < number:
                    shared[other] += 1
        for other, count in shared.items():
            if count > DUPLICATE * min(len(runs[number]), len(runs[other])):
                twin = passages[other][1]
                yield Finding(
                    path=document.path,
                    line=passage.line,
                    code="duplicate",
                    message=f"says the same as {passages[other][0].path.name}:{twin.line}",
                    mend="keep one of them",
                )


def _runs(text: str) -> set[tuple[str, ...]]:
    words = tokens(text)
    return {tuple(words[start : start + 3]) for start in range(max(1, len(words) - 2))}


def _unused(documents: Iterable[Document], references: Mapping[str, Reference], path: Path) -> Iterator[Finding]:
    used = {
        key
        for document in documents
        for passage in document.passages
        for one in passage.sentences
        for key in one.references
    }
    for key in sorted(set(references) - used):
        yield Finding(
            path=path, line=1, code="unused-reference", message=f"nothing cites {key!r}", mend="cite or remove it"
        )


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}…")
