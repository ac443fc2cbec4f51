"""Errors of the knowledge base. Each message says what was found, what was wanted, where, and what mends it.

KnowledgeError
  SettingsError            a setting is unknown, missing or of the wrong kind
  ConversionError          a raw file cannot be made into a draft
      DocumentError            a document cannot be read as one
  BibliographyError        references.json is not usable
  EncoderUnavailableError  the encoder's files are missing or broken
  IndexUnavailableError    there is no index, or it belongs to other inputs
"""

from __future__ import annotations


class KnowledgeError(Exception):
    """Root of the errors below; the command line prints the message and exits with 2."""


class SettingsError(KnowledgeError, ValueError):
    """A setting is unknown, missing or of the wrong kind."""


class DocumentError(KnowledgeError, ValueError):
    """A document cannot be read as one: its front matter, its encoding or its shape."""


class BibliographyError(KnowledgeError, ValueError):
    """references.json is missing, is not CSL-JSON, or lacks a field that answers need."""


class EncoderUnavailableError(KnowledgeError):
    """The encoder's files are missing or broken."""


class IndexUnavailableError(KnowledgeError):
    """There is no index, or it was built from other inputs."""


class ConversionError(KnowledgeError):
    """A raw file cannot be made into a draft."""


class EvaluationError(KnowledgeError, ValueError):
    """A test collection is not in the form that is measured."""
