"""All topics of a role, answered from one reading of its answers."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor

import pandas as pd

from manyi.topics.common_method import CommonMethodTopic
from manyi.topics.confirmatory import ConfirmatoryTopic
from manyi.topics.correlations import CorrelationsTopic
from manyi.topics.counties import CountiesTopic
from manyi.topics.differences import DifferencesTopic
from manyi.topics.factors import FactorsTopic
from manyi.topics.gaps import GapsTopic
from manyi.topics.importance import ImportanceTopic
from manyi.topics.items import ItemsTopic
from manyi.topics.levels import LevelsTopic
from manyi.topics.missing_answers import MissingAnswersTopic
from manyi.topics.one_pass import Wanted, gather
from manyi.topics.ordinal import OrdinalTopic
from manyi.topics.reliability import ReliabilityTopic
from manyi.topics.satisfaction import SatisfactionTopic
from manyi.topics.topic import Subject, Topic
from manyi_analysis.records.rows import Partition

#: Whatever can be answered from moments and counts, in the order tables are made.
TOPICS: tuple[Callable[[Subject], Topic], ...] = (
    ReliabilityTopic,
    OrdinalTopic,
    ItemsTopic,
    FactorsTopic,
    CommonMethodTopic,
    ConfirmatoryTopic,
    LevelsTopic,
    MissingAnswersTopic,
    SatisfactionTopic,
    CountiesTopic,
    GapsTopic,
    ImportanceTopic,
    DifferencesTopic,
    CorrelationsTopic,
)


def topic_tables(
    partitions: Iterable[Partition], subject: Subject, executor: Executor | None = None
) -> dict[str, pd.DataFrame]:
    """Read the answers once and return the tables of every topic, those without rows left out.

    Parameters
    ----------
    partitions : iterable
        Kept rows of the role's scored answers, with the columns of its groups.
    subject : Subject
        The role and what is asked of it.
    executor : Executor, optional
        Where partitions are read side by side.
    """
    topics = [make(subject) for make in TOPICS]
    sets: dict[tuple[int, object], Wanted] = {
        (place, key): wanted for place, topic in enumerate(topics) for key, wanted in topic.sets().items()
    }
    gathered = gather(partitions, sets, executor) if sets else {}
    found: dict[str, pd.DataFrame] = {}
    for place, topic in enumerate(topics):
        found |= topic.tables({key: record for (of, key), record in gathered.items() if of == place})
    return {name: table for name, table in found.items() if len(table)}
