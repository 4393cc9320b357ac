"""Cleaning: flags with reasons, nothing deleted, and the ledger of N that follows."""

from manyi.cleaning.cleaned import Cleaned, clean
from manyi.cleaning.rules import flags

__all__ = ["Cleaned", "clean", "flags"]
