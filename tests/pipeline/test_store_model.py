"""The store against a model a reader can check by eye: submissions, withdrawals, purges in any order."""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from manyi.collect.store import AnswerStore, Standing, Submission, open_engine

IDS = st.sampled_from([f"id-{number}" for number in range(6)])
PAYLOADS = st.sampled_from([b"{}", b'{"Q": 1}', b'{"Q": 2}'])
ROLES = st.sampled_from(["pupils", "parents"])
CODES = st.none() | st.integers(0, 7)
GIVEN = st.tuples(IDS, ROLES, PAYLOADS, CODES, st.booleans())


@dataclass
class Model:
    """What is kept, by id and then by role and payload; what is gone; which codes are spent."""

    kept: dict[str, dict[tuple[str, bytes], str]] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    spent: set[int] = field(default_factory=set)

    def submit(self, id: str, role: str, payload: bytes, code: int | None, known: bool) -> str:
        if id in self.gone:
            return "withdrawn"
        mine = self.kept.setdefault(id, {})
        already = mine.get((role, payload))
        answered = any(one in ("accepted", "aside") for one in mine.values())
        if answered:
            if already in ("accepted", "aside"):
                return "repeated"
            mine.setdefault((role, payload), "conflict")
            return mine[role, payload]
        if already is not None and code is None:
            return already
        if code in self.spent:
            mine[role, payload] = "code-spent"
            return "code-spent"
        if code is not None:
            self.spent.add(code)
        mine[role, payload] = "accepted" if known else "aside"
        return mine[role, payload]

    def erase(self, id: str, reason: str) -> Counter[tuple[str, str]]:
        roles = {role for role, _ in self.kept.pop(id)}
        self.gone[id] = min(roles)
        return Counter({(min(roles), reason): 1})

    def rows(self) -> set[tuple[str, str, bytes, str]]:
        return {
            (id, role, payload, standing)
            for id, rows in self.kept.items()
            for (role, payload), standing in rows.items()
        }


class StoreMachine(RuleBasedStateMachine):
    """Does the same to a store and to the model."""

    new_address: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        self.address = type(self).new_address()
        self.store = AnswerStore(open_engine(self.address))
        codes = self.store.codes.make("pupils", "330", "1", 8)
        self.places = [found[1] for code in codes if (found := self.store.codes.find(code))]
        self.model = Model()
        self.erased: Counter[tuple[str, str]] = Counter()
        self.states = {self.store.state(): self.model.rows()}

    @rule(batch=st.lists(GIVEN, min_size=1, max_size=6))
    def submit(self, batch: list[tuple[str, str, bytes, int | None, bool]]) -> None:
        given = [
            Submission(
                *(id, role, "abcdef012345", payload, "330", "1"),
                None if code is None else self.places[code],
                known,
                "2026-11-22T05:00Z",
            )
            for id, role, payload, code, known in batch
        ]
        outcomes = self.store.accept(given)
        assert [str(one.standing) for one in outcomes] == [self.model.submit(*one) for one in batch]
        assert [one.receipt for one in outcomes] == [
            "" if one.standing is Standing.withdrawn else self.store.receipt(each[0])
            for one, each in zip(outcomes, batch, strict=True)
        ]

    @rule(id=IDS)
    def withdraw(self, id: str) -> None:
        there = bool(self.model.kept.get(id))
        assert self.store.withdraw(self.store.receipt(id)) is there
        if there:
            self.erased += self.model.erase(id, "withdrawn")

    @rule(role=ROLES)
    def purge(self, role: str) -> None:
        those = [id for id, rows in self.model.kept.items() if any(mine == role for mine, _ in rows)]
        assert self.store.purge(role) == len(those)
        for id in those:
            self.erased += self.model.erase(id, "purged")

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = AnswerStore(open_engine(self.address))

    @invariant()
    def the_store_holds_what_the_model_holds(self) -> None:
        found = [
            (kept.id, role, kept.payload, str(kept.standing))
            for role in ("pupils", "parents")
            for kept in self.store.kept(role, tuple(Standing))
        ]
        assert len(found) == len(set(found))
        assert set(found) == self.model.rows()

    @invariant()
    def spent_codes_are_those_of_the_model(self) -> None:
        assert {
            at for at, place in enumerate(self.places) if self.store.codes.is_spent(place)
        } == self.model.spent

    @invariant()
    def counts_tombstones_and_audit_agree(self) -> None:
        counts = Counter({(one.role, str(one.standing)): one.n for one in self.store.counts()})
        assert counts == Counter((role, standing) for _, role, _, standing in self.model.rows())
        assert self.store.withdrawn() == dict(self.erased)
        audited: Counter[tuple[object, object]] = Counter()
        for line in self.store.audit():
            if line["action"] != "codes":
                audited[line["role"], line["action"]] += int(str(line["count"]))
        assert audited == self.erased

    @invariant()
    def one_state_never_stands_for_two_contents(self) -> None:
        rows = self.model.rows()
        assert self.states.setdefault(self.store.state(), rows) == rows

    def teardown(self) -> None:
        self.store.close()


def run(new_address: Callable[[], str], examples: int, steps: int) -> None:
    machine = type("Machine", (StoreMachine,), {"new_address": staticmethod(new_address)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_sqlite_does_what_the_model_does(tmp_path: Path) -> None:
    numbers = itertools.count()
    run(lambda: f"sqlite:///{tmp_path / f'{next(numbers)}.sqlite'}", 25, 20)


def test_postgresql_does_what_the_model_does(postgresql: Callable[[], str]) -> None:
    run(postgresql, 10, 20)
