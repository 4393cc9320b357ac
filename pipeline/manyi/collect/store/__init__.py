"""Where answers are kept: SQLite by default, PostgreSQL by address."""

from manyi.collect.store.conditions import StoreBusy, StoreClosed, StoreUnavailable, SubmissionUnfit
from manyi.collect.store.engine import open_engine, sqlite_address
from manyi.collect.store.records import Count, Kept, Outcome, Standing, Submission
from manyi.collect.store.store import AnswerStore
from manyi.collect.store.writer import GroupWriter

__all__ = [
    "AnswerStore",
    "Count",
    "GroupWriter",
    "Kept",
    "Outcome",
    "Standing",
    "StoreBusy",
    "StoreClosed",
    "StoreUnavailable",
    "Submission",
    "SubmissionUnfit",
    "open_engine",
    "sqlite_address",
]
