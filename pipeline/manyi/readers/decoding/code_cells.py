"""Self-generated codes: how a cell is read, and what is stored in its place."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping

import pandas as pd

from manyi.readers.decoding.account import Account
from manyi.readers.decoding.cell_rules import missing_rule
from manyi.readers.decoding.reading import Fate, Reading, Rule, plain_text
from manyi.readers.platforms.source import SourceQuestion, SourceTable
from manyi.readers.tables.column import Codes
from manyi_instruments.definitions.questionnaire import Item, Questionnaire

#: What stands in the quarantine in place of a code that could not be read.
MASKED = "•••"
_BETWEEN = re.compile(r"[\W_]+")
_DECIMALS = re.compile(r"(\d+)\.0+")


def normalised(cell: str) -> str:
    """Return a code in half-width capitals, without accents, blanks and signs between its parts.

    >>> normalised(" ｌ-０５ é ")
    'L05E'
    """
    letters = unicodedata.normalize("NFKD", plain_text(cell))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _BETWEEN.sub("", bare).upper()


def code_rule(
    question: Item,
    source: SourceTable,
    questionnaire: Questionnaire,
    found: SourceQuestion | None = None,
) -> Rule:
    """Return the rule of a self-generated code; ``other`` of a reading is the code, normalised.

    A code of digits alone that a spreadsheet took for a number gets its zeros back. What does not have the
    parts declared is rejected: it would find nobody again.
    """
    missing = missing_rule(source, questionnaire, found)
    pattern = re.compile(question.pattern)
    digits = all(part.of == "digits" for part in question.parts)
    length = sum(part.length for part in question.parts)

    def read(cell: str) -> Reading:
        told = missing(cell)
        if told is not None:
            return told
        code = normalised(cell)
        if digits:
            number = _DECIMALS.fullmatch(plain_text(cell))
            code = (number[1] if number else code).zfill(length) if code else code
        if code and pattern.fullmatch(code):
            return Reading(Fate.KEPT if code == cell else Fate.RECODED, other=code)
        return Reading(Fate.REJECTED, code="code-unlike-parts")

    return read


def decode_codes(
    column: str,
    item: str,
    codes: Codes,
    readings: Mapping[str, Reading],
    account: Account,
    rows: Codes,
) -> "pd.Series[str]":
    """Return the codes of a column, NA for none; one that cannot be read is not shown in the quarantine.

    Parameters
    ----------
    column, item : str
        Heading in the file and id in the questionnaire.
    codes : (n,) array
        Place of every cell's text in ``readings``.
    readings : Mapping
        Cell text -> what `code_rule` makes of it.
    account, rows
        Of the file, and the spreadsheet row of every cell.
    """
    account.column(column, item, rows, codes, readings, shown=MASKED)
    texts = pd.Series([reading.other for reading in readings.values()], dtype="string")
    return texts.take(codes).reset_index(drop=True)


def concealed(codes: "pd.Series[str]", key: bytes) -> "pd.Series[str]":
    """Return what is stored of codes: 16 hexadecimal digits of a hash with a key (HMAC-SHA-256).

    Equal codes have equal digits under one key. Without the key nobody can try all codes there are, which are
    few; so the key lies beside the raw files and not with the results.
    """
    numbers, different = pd.factorize(codes)
    digests = [
        hmac.new(key, str(code).encode("utf-8"), hashlib.sha256).hexdigest()[:16] for code in different
    ]
    stored = pd.Series([*digests, None], dtype="string").take(numbers)
    return stored.set_axis(codes.index)
