"""Errors of the service that are not the knowledge base's.

ServiceError
  BuildError     the dialogue model could not be trained
  StartError     a process of the service did not come up
"""

from __future__ import annotations


class ServiceError(Exception):
    """Root of the errors below; the command line prints the message and exits with 2."""


class BuildError(ServiceError):
    """The dialogue model could not be trained."""


class StartError(ServiceError):
    """A process of the service did not come up."""
