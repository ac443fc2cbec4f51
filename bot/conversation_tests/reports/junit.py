"""JUnit XML, which every continuous-integration service reads."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

# What XML 1.0 does not allow in a text.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def render(data: Mapping[str, Any]) -> str:
    """Return the report as one <testsuites> document, a <testsuite> for each file."""
    summary = data["summary"]
    root = ET.Element(
        "testsuites",
        name="askwell",
        tests=str(summary["conversations"]),
        failures=str(summary["failed"]),
        skipped=str(summary["skipped"]),
        time=f"{summary['seconds']:.3f}",
    )
    for file in dict.fromkeys(case["file"] for case in data["cases"]):
        cases = [case for case in data["cases"] if case["file"] == file]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=file,
            tests=str(len(cases)),
            failures=str(sum(1 for case in cases if case["outcome"] == "failed")),
            skipped=str(sum(1 for case in cases if case["outcome"] == "skipped")),
            time=f"{sum(case['seconds'] for case in cases):.3f}",
        )
        for case in cases:
            _add_case(suite, case)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add_case(suite: ET.Element, case: Mapping[str, Any]) -> None:
    element = ET.SubElement(
        suite,
        "testcase",
        name=_clean(case["name"]),
        classname=case["file"],
        file=case["file"],
        line=str(case["line"]),
        time=f"{case['seconds']:.3f}",
    )
    if case["outcome"] == "skipped":
        ET.SubElement(element, "skipped", message=_clean(case["reason"] or "no assertion could be told"))
    elif case["outcome"] == "failed":
        failed = [one for step in case["steps"] for one in step["assertions"] if one["outcome"] == "failed"]
        kinds = ", ".join(dict.fromkeys(one["kind"] for one in failed)) or "not the same bytes when repeated"
        failure = ET.SubElement(element, "failure", message=_clean(kinds), type="assertion")
        failure.text = _clean(transcript(case))


def transcript(case: Mapping[str, Any]) -> str:
    """Return a case as a transcript with what failed and why."""
    lines = []
    for step in case["steps"]:
        lines += [f"you> {step['user']}", f"bot> {step['reply']['text']}"]
        for one in step["assertions"]:
            if one["outcome"] == "failed":
                lines.append(f"line {one['line']}, {one['kind']}: {one['difference']}")
        lines += [f"why: {line}" for line in step["why"]]
    return "\n".join(lines)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
