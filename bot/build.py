"""Builds what the service runs on, and only what changed: the index, the guard's learned layer, the dialogue model.

Run as `python -m bot.build`; `askwell serve` does, in a process of its own, so that what building needs is gone afterwards.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.errors import BuildError
from bot.guardrails import train as guard_training
from bot.rasa_environment import prepare_rasa
from knowledge.build import build_knowledge
from knowledge.errors import KnowledgeError
from knowledge.settings import ROOT, state_folder

BOT = ROOT / "bot"
UTTERANCES = BOT / "guardrails" / "utterances"
DIALOGUE_INPUTS = (ROOT / "config.yml", BOT / "domain", BOT / "nlu", BOT / "rules", BOT / "guardrails" / "component.py")
# What the learned layer is made of, the examples in the rule files included; thresholds are read when the guard is loaded.
GUARD_INPUTS = tuple(
    BOT / "guardrails" / name
    for name in (
        "utterances",
        "spellings.yml",
        "encoder.py",
        "frames.py",
        "joined.py",
        "learned.py",
        "misspell.py",
        "normalise.py",
        "patterns.py",
        "rules",
        "rules.py",
        "train.py",
        "tuning.py",
        "utterances.py",
        "verdict.py",
    )
)


def model_path() -> Path:
    """Return where the dialogue model is kept."""
    return state_folder() / "models" / "askwell.tar.gz"


def build_all(say: Callable[[str], None]) -> None:
    """Bring index, guard and dialogue model up to date; `say` is told what is being done.

    Raises:
        KnowledgeError: a document, a setting or the encoder is not usable.
        BuildError: Rasa refused its training data.
    """
    build_knowledge(say)
    _if_changed("guard", GUARD_INPUTS, say, _train_guard, takes="some minutes")
    _if_changed("dialogue", DIALOGUE_INPUTS, say, _train_dialogue, takes="half a minute")


def is_up_to_date() -> bool:
    """Whether guard and dialogue model were built from the inputs as they are now."""
    return all(
        _stamp(name) == digest(inputs) for name, inputs in (("guard", GUARD_INPUTS), ("dialogue", DIALOGUE_INPUTS))
    )


def digest(inputs: Iterable[Path]) -> str:
    """Return a digest of the contents and names of files and folders."""
    total = hashlib.sha256()
    for source in inputs:
        paths = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
        for path in paths:
            if "__pycache__" not in path.parts:
                total.update(str(path.relative_to(ROOT)).encode())
                total.update(path.read_bytes())
    return total.hexdigest()[:16]


def _stamp(name: str) -> str | None:
    try:
        return (state_folder() / f"{name}.built").read_text(encoding="utf-8").strip()
    except OSError:
        return None


def _if_changed(
    name: str, inputs: Iterable[Path], say: Callable[[str], None], build: Callable[[], None], *, takes: str
) -> None:
    wanted = digest(inputs)
    if _stamp(name) == wanted:
        return
    say(f"Training the {name} model, which takes {takes}")
    stamp = state_folder() / f"{name}.built"
    stamp.unlink(missing_ok=True)
    build()
    stamp.write_text(wanted + "\n", encoding="utf-8")


def _train_guard() -> None:
    guard_training.train(UTTERANCES, state_folder() / "guard")


def _train_dialogue() -> None:
    prepare_rasa()
    from rasa.model_training import train

    target = model_path()
    unfinished = f".{target.name.removesuffix('.tar.gz')}.{os.getpid()}"
    result = train(
        domain=str(BOT / "domain"),
        config=str(ROOT / "config.yml"),
        training_files=[str(BOT / "nlu"), str(BOT / "rules")],
        output=str(target.parent),
        fixed_model_name=unfinished,
    )
    if result.model is None or result.code != 0:
        raise BuildError("Rasa could not train on bot/domain, bot/nlu and bot/rules; run: make validate")
    os.replace(result.model, target)


def main() -> int:
    """Build everything; returns 2 and says why when that is not possible."""
    try:
        build_all(lambda text: print(text, file=sys.stderr, flush=True))
    except (KnowledgeError, BuildError) as error:
        print(f"askwell: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
