"""The `askwell` command. Exit codes: 0 fine, 1 ran and found failures, 2 could not run."""

from __future__ import annotations

import sys

import click

from bot.cli.chat import chat
from bot.cli.eval_retrieval import retrieval
from bot.cli.evaluation import evaluation
from bot.cli.knowledge import knowledge
from bot.cli.serve import serve
from bot.cli.talk import ask, feedback, receipt
from bot.cli.testing import test
from bot.errors import ServiceError
from bot.guardrails.errors import GuardError
from knowledge.errors import KnowledgeError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="askwell")
def askwell() -> None:
    """Patient education that cites every sentence: serve it, talk to it, test it, look after its documents."""


for command in (serve, chat, ask, test, receipt, feedback, knowledge, evaluation):
    askwell.add_command(command)
evaluation.add_command(retrieval)


def main() -> None:
    """Run a command; errors that a person can mend become one line and exit code 2."""
    try:
        askwell.main(standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has gone; Python would complain about that at exit
        sys.exit(0)
    except (KnowledgeError, ServiceError, GuardError) as error:
        click.echo(f"askwell: {error}", err=True)
        sys.exit(2)
