"""Who answered: the return of questionnaires and the background of the respondents."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.level.distribution import AnswerDistribution, answer_distribution
from manyi_instruments.definitions.questionnaire import Questionnaire


@dataclass(frozen=True, slots=True)
class Return:
    """Questionnaires handed out, received and valid.

    Parameters
    ----------
    issued : int or None
        Handed out; None where the study does not say.
    received : int
        Read from the answer files.
    valid : int
        Kept after cleaning.
    """

    issued: int | None
    received: int
    valid: int

    @property
    def return_rate(self) -> float | None:
        """Return received / issued (回收率); None where issued is not known or zero."""
        return self.received / self.issued if self.issued else None

    @property
    def valid_rate(self) -> float | None:
        """Return valid / received (有效率); None where nothing was received."""
        return self.valid / self.received if self.received else None

    def to_frame(self) -> pd.DataFrame:
        """Return one row: table ``return``, with a note where more came back than were handed out."""
        note = ""
        if self.issued is not None and self.received > self.issued:
            note = f"return-exceeds-issued: issued={self.issued}, received={self.received}"
        issued = np.nan if self.issued is None else float(self.issued)
        rates = {"return_rate": self.return_rate, "valid_rate": self.valid_rate}
        return pd.DataFrame(
            {
                "issued": [issued],
                "received": [self.received],
                "valid": [self.valid],
                **{name: [np.nan if rate is None else rate] for name, rate in rates.items()},
                "note": [note],
            }
        )


def composition(coded: pd.DataFrame, questionnaire: Questionnaire) -> AnswerDistribution:
    """Count the respondents by background: the answers of the questionnaire's demographics, n and share.

    Formula: that of `answer_distribution`.

    Parameters
    ----------
    coded : DataFrame
        Coded answers of the respondents analysed.
    questionnaire : Questionnaire
        Its demographics with an answer list are counted.

    References
    ----------
    Counting, as in `answer_distribution`. R: ``prop.table(table(x))``.
    """
    return answer_distribution(coded, questionnaire, questionnaire.demographics)
