"""Where things are kept, and how documents are indexed: reads knowledge/settings.yml and the environment."""

from __future__ import annotations

import dataclasses
import datetime
import os
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import SettingsError

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent


def state_folder() -> Path:
    """Folder of everything that is built, never edited: index, trained models. ASKWELL_HOME moves it."""
    return Path(os.environ.get("ASKWELL_HOME", ROOT / ".askwell"))


def documents_folder() -> Path:
    """Folder of documents and references. ASKWELL_KNOWLEDGE moves it."""
    return Path(os.environ.get("ASKWELL_KNOWLEDGE", PACKAGE))


def today() -> datetime.date:
    """The date reviews are held against. ASKWELL_TODAY fixes it, for rehearsing a review that falls due.

    Raises:
        SettingsError: ASKWELL_TODAY is not a date like 2027-01-31.
    """
    fixed = os.environ.get("ASKWELL_TODAY")
    if not fixed:
        return datetime.date.today()
    try:
        return datetime.date.fromisoformat(fixed)
    except ValueError as error:
        raise SettingsError(f"ASKWELL_TODAY is {fixed!r}, wanted a date like 2027-01-31") from error


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeSettings:
    """Settings of indexing and retrieval.

    Attributes:
        encoder: "minilm", a sentence-transformers model name, or a folder.
        query_prefix: put before every query that is encoded.
        passage_prefix: put before every passage that is encoded.
        subject: what "it" means while a question names nothing else.
        hits: how many passages a search returns at most.
        substances: "what about alcohol" puts one of these in the place of another.
        treatments: likewise; and what "it" means after a question about one of them.
    """

    encoder: str = "minilm"
    query_prefix: str = ""
    passage_prefix: str = ""
    subject: str = "baclofen"
    hits: int = 12
    substances: tuple[str, ...] = ()
    treatments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.hits <= 100:
            raise SettingsError(f"hits is {self.hits}, wanted 1 to 100, in knowledge/settings.yml")


def load_settings(path: Path | None = None) -> KnowledgeSettings:
    """Read the settings; ASKWELL_ENCODER overrides the encoder.

    Raises:
        SettingsError: the file is missing, is no mapping, or has an unknown key or a value of the wrong type.
    """
    path = path or PACKAGE / "settings.yml"
    values = read_mapping(path)
    if encoder := os.environ.get("ASKWELL_ENCODER"):
        values["encoder"] = encoder
    for key in ("substances", "treatments"):
        if not isinstance(values.get(key, []), list):
            raise SettingsError(f"{key} in {path} is a {type(values[key]).__name__}, wanted a list of words")
        values[key] = tuple(str(word) for word in values.get(key, []))
    settings: KnowledgeSettings = build(KnowledgeSettings, values, path)
    return settings


def read_mapping(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds one mapping.

    Raises:
        SettingsError: no such file, not YAML, or not a mapping.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read ({error.strerror}); restore it with: git checkout {path}"
        ) from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not valid YAML: {error}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise SettingsError(f"{path} holds a {type(values).__name__}, wanted keys with values")
    return values


def build(cls: type[Any], values: dict[str, Any], path: Path) -> Any:
    """Make a settings object from a mapping, refusing unknown keys and wrong types."""
    known = {field.name: field for field in dataclasses.fields(cls)}
    for key, value in values.items():
        if key not in known:
            raise SettingsError(f"unknown key {key!r} in {path}; known keys: {', '.join(known)}")
        wanted = str(known[key].type).split(" ")[0]
        found = type(value).__name__
        if wanted in ("str", "int", "bool") and found != wanted:
            raise SettingsError(f"{key} in {path} is a {found}, wanted a {wanted}")
        if wanted == "float" and found not in ("float", "int"):
            raise SettingsError(f"{key} in {path} is a {found}, wanted a number")
    return cls(**values)
