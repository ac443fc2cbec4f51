"""The action server: rasa-sdk's own, with everything loaded before it says that it is ready.

Run as `python -m actions.server --port 5055`; `askwell serve` does. Listens on the loopback address only.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading

from knowledge.errors import KnowledgeError


def main() -> int:
    """Serve until the process is told to end. Returns 2 if the means to answer cannot be loaded."""
    parser = argparse.ArgumentParser(prog="python -m actions.server")
    parser.add_argument("--port", type=int, default=5055)
    arguments = parser.parse_args()
    if not sys.stdin.isatty():
        threading.Thread(target=_end_with_parent, daemon=True).start()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    # One turn at a time: a second thread gains less than its waiting costs when the dialogue server wants the other core.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from rasa_sdk.endpoint import create_app

    from actions.means import load_means

    try:
        load_means()
    except KnowledgeError as error:
        print(f"askwell: {error}", file=sys.stderr)
        return 2
    # A module, not the package: rasa-sdk would import every module under actions/ by its bare name.
    app = create_app("actions.ask")
    app.run("127.0.0.1", arguments.port, workers=1, access_log=False, motd=False)
    return 0


def _end_with_parent() -> None:
    """End this process when whoever started it is gone: then its end of our standard input closes."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
