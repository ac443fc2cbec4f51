"""YAML that remembers where everything stands, so that a fault in a suite is named by file, line, column and key."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ServiceError


class SuiteError(ServiceError):
    """A suite of conversation tests cannot be read."""


@dataclasses.dataclass(frozen=True, slots=True)
class Located:
    """A YAML node and the file it stands in. Lines and columns count from 1."""

    path: Path
    node: yaml.Node

    @property
    def line(self) -> int:
        """The line on which the node begins."""
        return self.node.start_mark.line + 1

    @property
    def value(self) -> Any:
        """The node as plain Python values.

        Raises:
            SuiteError: a value that YAML's safe loader does not know.
        """
        loader = yaml.SafeLoader("")
        try:
            return loader.construct_document(self.node)
        except yaml.YAMLError as error:
            raise self.error(f"this value cannot be read: {_problem(error)}") from error
        finally:
            loader.dispose()

    @property
    def is_mapping(self) -> bool:
        """Whether the node holds keys with values."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        """Whether the node holds a list."""
        return isinstance(self.node, yaml.SequenceNode)

    def error(self, message: str) -> SuiteError:
        """Return an error that says where it is."""
        mark = self.node.start_mark
        return SuiteError(f"{self.path}:{mark.line + 1}:{mark.column + 1}: {message}")

    def items(self) -> Iterator[Located]:
        """Yield the items of a list.

        Raises:
            SuiteError: it is no list.
        """
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error(f"found {self._kind()}, wanted a list")
        for item in self.node.value:
            yield Located(self.path, item)

    def pairs(self, known: Collection[str] | None = None) -> dict[str, Located]:
        """Return the values of a mapping by key.

        Raises:
            SuiteError: it is no mapping, a key stands twice, or is none of `known`; the nearest of these is named.
        """
        return {name: value for name, _, value in self.entries(known)}

    def entries(self, known: Collection[str] | None = None) -> list[tuple[str, Located, Located]]:
        """Return the keys of a mapping with where they stand and their values.

        Raises:
            SuiteError: see `pairs`.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"found {self._kind()}, wanted keys with values")
        found: dict[str, tuple[str, Located, Located]] = {}
        for key_node, value_node in self.node.value:
            key = Located(self.path, key_node)
            name = str(key.value)
            if name in found:
                raise key.error(f"key {name!r} stands twice")
            if known is not None and name not in known:
                raise key.error(f"unknown key {name!r}; {nearest(name, known)}")
            found[name] = (name, key, Located(self.path, value_node))
        return list(found.values())

    def text(self) -> str:
        """Return a text.

        Raises:
            SuiteError: it is something else.
        """
        value = self.value
        if isinstance(value, (dict, list)) or value is None:
            raise self.error(f"found {self._kind()}, wanted a text")
        if not isinstance(value, str):
            assert isinstance(self.node, yaml.ScalarNode)
            return str(self.node.value)
        return value

    def _kind(self) -> str:
        if self.is_mapping:
            return "keys with values"
        if self.is_list:
            return "a list"
        return "nothing" if self.value is None else repr(self.value)


def read_source(path: Path) -> Located | None:
    """Read a YAML file; None if it is empty.

    Raises:
        SuiteError: the file cannot be read or is not YAML.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise SuiteError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SuiteError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise SuiteError(f"{path}{where}: not valid YAML: {_problem(error)}") from error
    except yaml.YAMLError as error:
        raise SuiteError(f"{path}: not valid YAML: {_problem(error)}") from error
    return None if node is None else Located(path, node)


def nearest(name: str, known: Collection[str]) -> str:
    """Return what was probably meant, or all that is known."""
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(sorted(known))}"


def _problem(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error).splitlines()[0]
