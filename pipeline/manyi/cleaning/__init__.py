"""Cleaning: flags with reasons, nothing deleted, and the ledger of N that follows."""

from manyi.cleaning.cleaned import Cleaned, clean
from manyi.cleaning.rules import apply_rules, flags

__all__ = ["Cleaned", "apply_rules", "clean", "flags"]
