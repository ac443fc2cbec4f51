"""Errors of the guard. A verdict is never an error; only a guard that cannot be trusted is.

GuardError
  RuleFormatError        a rule, word list or spelling file does not read as one
  UtteranceError         a file of labelled utterances does not read as one
  GuardUnavailableError  the learned layer is missing, damaged or of another version
"""

from __future__ import annotations


class GuardError(Exception):
    """Root of the errors below; the component answers them with the safe fixed reply."""


class RuleFormatError(GuardError, ValueError):
    """A rule, word list or spelling file does not read as one."""


class UtteranceError(GuardError, ValueError):
    """A file of labelled utterances does not read as one."""


class GuardUnavailableError(GuardError):
    """The learned layer is missing, damaged or of another version."""
