"""Test cases: Rasa Pro's end-to-end YAML, read into values and checked to the last key before anything runs."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.conversation_tests.schema import KINDS, UNSUPPORTED
from bot.conversation_tests.source import Located, SuiteError, nearest, read_source

_TOP = ("test_cases", "fixtures", "metadata", "stub_custom_actions", "version")
_CASE = ("test_case", "steps", "fixtures", "metadata")
_USER = ("user", "metadata", "assertions", "assertion_order_enabled")
_EXPECTED = ("bot", "utter", "slot_was_set", "slot_was_not_set")
# Fixtures of these names are no slots: they set the day and the country in which a conversation takes place.
DAY, COUNTRY = "mocked_datetime", "country"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What has to hold after a turn; `line` is where it stands, `node` the value for golden updates."""

    kind: str
    value: Any
    line: int
    node: Located


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One message of the user and what has to hold behind it.

    Attributes:
        in_order: what is found in the events must stand there in the order of the assertions.
        by_assertions: has `assertions`, so that steps of the older style behind it count for nothing, as in Rasa Pro.
    """

    user: str
    line: int
    metadata: Mapping[str, Any]
    assertions: tuple[Assertion, ...] = ()
    in_order: bool = False
    by_assertions: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One conversation.

    Attributes:
        slots: set before the first message.
        stubs: what actions answer instead of running, by action; None if they run.
        country: whose help lines are shown, None for the configured one.
        day: the date that reviews are held against, None for today.
    """

    name: str
    path: Path
    line: int
    steps: tuple[Step, ...]
    slots: Mapping[str, Any]
    stubs: Mapping[str, Any] | None
    country: str | None
    day: str | None

    @property
    def id(self) -> str:
        """File and name."""
        return f"{self.path}::{self.name}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What the cases of a file have in common."""

    fixtures: Mapping[str, Mapping[str, Any]]
    metadata: Mapping[str, Mapping[str, Any]]
    stubs: Mapping[str, Any] | None


def read_cases(paths: Sequence[str]) -> list[Case]:
    """Read the cases of files and folders (all .yml and .yaml below them); "FILE::NAME" takes one case.

    Raises:
        SuiteError: a path is missing, a file is not a suite, or a name stands twice.
    """
    cases: list[Case] = []
    for given in paths:
        name, _, wanted = given.partition("::")
        path = Path(name)
        if not path.exists():
            raise SuiteError(f"{path} does not exist; give a file or a folder of conversation tests")
        found = [case for file in _files(path) for case in read_suite(file)]
        cases += [case for case in found if not wanted or case.name == wanted]
    return list({case.id: case for case in cases}.values())


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(
        file
        for file in path.rglob("*")
        if file.suffix in (".yml", ".yaml") and file.stem not in ("conftest", "results")
    )


def read_suite(path: Path) -> list[Case]:
    """Read the cases of one file.

    Raises:
        SuiteError: the file is not a suite; the message has line, column, key and the nearest valid key.
    """
    root = read_source(path)
    if root is None:
        raise SuiteError(f"{path}:1:1: the file is empty, wanted test_cases")
    pairs = root.pairs(_TOP)
    if "test_cases" not in pairs:
        raise root.error("key 'test_cases' is missing")
    shared = _Shared(
        fixtures={**_conftest_fixtures(path), **_named(pairs.get("fixtures"))},
        metadata=_named(pairs.get("metadata")),
        stubs=_stubs(pairs.get("stub_custom_actions")),
    )
    cases: dict[str, Case] = {}
    for node in pairs["test_cases"].items():
        case = _read_case(node, shared)
        if case.name in cases:
            raise node.error(f"test case {case.name!r} stands twice in this file")
        cases[case.name] = case
    return list(cases.values())


def _conftest_fixtures(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the fixtures of conftest.yml files from the topmost folder down; nearer ones win."""
    found: dict[str, Mapping[str, Any]] = {}
    for folder in reversed(path.resolve().parents):
        file = folder / "conftest.yml"
        root = read_source(file) if file.exists() else None
        if root is not None and "fixtures" in root.pairs():
            found.update(_named(root.pairs()["fixtures"]))
    return found


def _named(node: Located | None) -> dict[str, Mapping[str, Any]]:
    """Read fixtures or metadata: [{name: {key: value}}], where the inner part may also be a list of single pairs."""
    found: dict[str, Mapping[str, Any]] = {}
    for item in _entries(node):
        for name, key, value in item.entries():
            if name in found:
                raise key.error(f"{name!r} stands twice")
            parts = list(value.items()) if value.is_list else [value]
            found[name] = {inner: one.value for part in parts for inner, one in part.pairs().items()}
    return found


def _entries(node: Located | None) -> Iterable[Located]:
    if node is None:
        return ()
    return [node] if node.is_mapping else node.items()


def _stubs(node: Located | None) -> Mapping[str, Any] | None:
    if node is None:
        return None
    found = {}
    for name, _, value in node.entries():
        pairs = value.pairs(("events", "responses"))
        for part in pairs.values():
            list(part.items())
        found[name] = {"events": [], "responses": []} | {key: part.value for key, part in pairs.items()}
    return found


def _read_case(node: Located, shared: _Shared) -> Case:
    pairs = node.pairs(_CASE)
    for key in ("test_case", "steps"):
        if key not in pairs:
            raise node.error(f"key {key!r} is missing")
    name = pairs["test_case"].text()
    slots: dict[str, Any] = {}
    for fixture in pairs["fixtures"].items() if "fixtures" in pairs else ():
        slots.update(_look_up(fixture, shared.fixtures, "fixture"))
    for_all = _look_up(pairs["metadata"], shared.metadata, "metadata") if "metadata" in pairs else {}
    steps = _read_steps(pairs["steps"], shared, for_all)
    country, day = slots.pop(COUNTRY, None), slots.pop(DAY, None)
    return Case(
        name=name,
        path=node.path,
        line=node.line,
        steps=steps,
        slots=slots,
        stubs=_stubs_of(name, shared.stubs),
        country=None if country is None else str(country),
        day=None if day is None else _date(str(day), node),
    )


def _date(text: str, node: Located) -> str:
    try:
        return datetime.date.fromisoformat(text[:10]).isoformat()
    except ValueError as error:
        raise node.error(f"{DAY} is {text!r}, wanted a date like 2027-01-31") from error


def _stubs_of(name: str, stubs: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the stubs that hold for a case: those of all cases, and over them its own ("case::action")."""
    if stubs is None:
        return None
    own = {key.partition("::")[2]: value for key, value in stubs.items() if key.startswith(f"{name}::")}
    return {key: value for key, value in stubs.items() if "::" not in key} | own


def _look_up(node: Located, known: Mapping[str, Mapping[str, Any]], what: str) -> Mapping[str, Any]:
    name = node.text()
    if name not in known:
        raise node.error(f"no {what} is called {name!r}; {nearest(name, known) if known else f'there is no {what}'}")
    return known[name]


def _read_steps(node: Located, shared: _Shared, for_all: Mapping[str, Any]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for item in node.items():
        pairs = item.pairs((*_USER, *_EXPECTED))
        if "user" in pairs:
            steps.append(_read_user_step(item, shared, for_all))
        elif not steps:
            raise item.error("the first step must be a user step")
        else:
            steps[-1] = _with_expected(steps[-1], item)
    if not steps:
        raise node.error("a test case needs at least one user step")
    return tuple(steps)


def _read_user_step(node: Located, shared: _Shared, for_all: Mapping[str, Any]) -> Step:
    pairs = node.pairs(_USER)
    own = _look_up(pairs["metadata"], shared.metadata, "metadata") if "metadata" in pairs else {}
    ordered = pairs.get("assertion_order_enabled")
    if ordered is not None and not isinstance(ordered.value, bool):
        raise ordered.error(f"found {ordered.value!r}, wanted true or false")
    return Step(
        user=pairs["user"].text(),
        line=node.line,
        metadata={**for_all, **own},
        assertions=tuple(_read_assertions(pairs["assertions"])) if "assertions" in pairs else (),
        in_order=bool(ordered.value) if ordered is not None else False,
        by_assertions="assertions" in pairs,
    )


def _read_assertions(node: Located) -> Iterable[Assertion]:
    for item in node.items():
        for kind, key, value in item.entries((*KINDS, *UNSUPPORTED)):
            read = value.value if kind in UNSUPPORTED else KINDS[kind].read(value)
            yield Assertion(kind=kind, value=read, line=key.line, node=value)


def _with_expected(step: Step, node: Located) -> Step:
    """Add a step of the older style (bot, utter, slot_was_set) to its turn; a turn with assertions ignores them."""
    added = []
    for key, value in node.pairs(_EXPECTED).items():
        kind, read = _expected(key, value)
        added.append(Assertion(kind=kind, value=read, line=value.line, node=value))
    return step if step.by_assertions else dataclasses.replace(step, assertions=(*step.assertions, *added))


def _expected(key: str, node: Located) -> tuple[str, Any]:
    if key == "bot":
        return "text", node.text()
    if key == "utter":
        return "bot_uttered", {"utter_name": node.text()}
    slots = []
    for item in node.items():
        if item.is_mapping:
            slots += [{"name": name, "value": value.value} for name, value in item.pairs().items()]
        else:
            slots.append({"name": item.text()})
    return key, tuple(slots)
