"""Rasa, quiet and at home: to be called before anything of Rasa is imported.

Left alone, Rasa reports usage over the network, logs patients' words at debug level through structlog's default settings,
and writes its cache into the working folder.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings

from knowledge.settings import state_folder


def prepare_rasa() -> None:
    """Set environment, logging and warnings for a process that will import Rasa."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("RASA_CACHE_DIRECTORY", str(state_folder() / "rasa-cache"))
    os.environ.setdefault("LOG_LEVEL", "ERROR")  # Rasa's own; it also silences its progress bars
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    if not sys.warnoptions:
        # Old dependencies of Rasa warn of old usages inside Rasa, which nothing here can mend, and some of them reset the
        # filters; `python -W default` still shows everything.
        warnings.showwarning = lambda *_arguments, **_named: None
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for name in ("rasa", "matplotlib", "apscheduler", "sanic", "sanic.root", "sanic.error", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # Rasa reports a failed action with its whole trace, in which the patient's words may stand.
    logging.getLogger("rasa.core.processor").setLevel(logging.CRITICAL)
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
