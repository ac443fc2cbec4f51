"""How the service behaves: reads bot/settings.yml and the environment."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from knowledge.errors import SettingsError
from knowledge.settings import build, read_mapping

PACKAGE = Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """Settings of the service; bot/settings.yml explains each."""

    country: str = "US"
    answer_timeout_seconds: float = 2.5
    message_characters: int = 2000
    messages_per_minute: int = 30
    messages_per_minute_per_address: int = 300
    allowed_origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("answer_timeout_seconds", "message_characters", "messages_per_minute"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name} is {getattr(self, name)}, wanted more than 0, in bot/settings.yml")


def load_settings(path: Path | None = None) -> ServiceSettings:
    """Read the settings; ASKWELL_<KEY> in the environment overrides a key.

    Raises:
        SettingsError: the file is missing, or a key is unknown or of the wrong kind.
    """
    path = path or PACKAGE / "settings.yml"
    values = read_mapping(path)
    for field in dataclasses.fields(ServiceSettings):
        text = os.environ.get(f"ASKWELL_{field.name.upper()}")
        if text is not None:
            values[field.name] = _from_environment(field.name, str(field.type), text)
    values["allowed_origins"] = tuple(values.get("allowed_origins") or ())
    settings: ServiceSettings = build(ServiceSettings, values, path)
    return settings


def _from_environment(name: str, kind: str, text: str) -> object:
    try:
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
    except ValueError as error:
        raise SettingsError(f"ASKWELL_{name.upper()} is {text!r}, wanted a number") from error
    return [part for part in text.split(",") if part] if kind.startswith("tuple") else text
