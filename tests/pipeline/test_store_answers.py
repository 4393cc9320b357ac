"""The store on SQLite and on a real PostgreSQL: submissions, receipts, codes, erasing, counts, state."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import text

from manyi.collect.store import AnswerStore, Standing, Submission, SubmissionUnfit, open_engine
from manyi.collect.store.schema import metadata
from manyi_instruments.faults import ManyiError

NUMBERS = count()


@pytest.fixture
def store(store_address: str) -> Iterator[AnswerStore]:
    store = AnswerStore(open_engine(store_address))
    yield store
    store.close()


def submission(id: str = "", payload: bytes = b'{"Q1": 4}', **fields: object) -> Submission:
    made = Submission(
        id or f"id-{next(NUMBERS)}", "pupils", "abcdef012345", payload, minute="2026-11-22T05:00Z"
    )
    return replace(made, **fields)


def accept(store: AnswerStore, *given: Submission) -> list[Standing]:
    return [outcome.standing for outcome in store.accept(given)]


def payloads(store: AnswerStore, *standings: Standing) -> list[bytes]:
    return [kept.payload for kept in store.kept("pupils", standings or tuple(Standing))]


# --- taking in


def test_an_answer_is_kept_as_it_was_sent(store: AnswerStore) -> None:
    given = submission(payload='{"Q1": "满意 \\u0000"}'.encode(), school="33010101", group="三（2）班")
    accept(store, given)
    (kept,) = store.kept("pupils")
    assert (kept.id, kept.payload, kept.school, kept.group, kept.minute, kept.definition, kept.standing) == (
        given.id,
        given.payload,
        "33010101",
        "三（2）班",
        "2026-11-22T05:00Z",
        "abcdef012345",
        Standing.accepted,
    )


def test_a_resend_adds_nothing(store: AnswerStore) -> None:
    given = submission()
    assert [accept(store, given), accept(store, given)] == [[Standing.accepted], [Standing.repeated]]
    assert payloads(store) == [given.payload]


def test_a_resend_within_one_transaction_adds_nothing(store: AnswerStore) -> None:
    given = submission()
    assert accept(store, given, given, given) == [Standing.accepted, Standing.repeated, Standing.repeated]


def test_a_resend_has_the_same_receipt(store: AnswerStore) -> None:
    given = submission()
    first, again = store.accept([given])[0].receipt, store.accept([given])[0].receipt
    assert first == again == store.receipt(given.id)


def test_another_payload_of_an_id_is_kept_beside_the_first(store: AnswerStore) -> None:
    accept(store, submission("one", b"{}"))
    assert accept(store, submission("one", b"[]")) == [Standing.conflict]
    assert payloads(store, Standing.accepted) == [b"{}"]
    assert payloads(store, Standing.conflict) == [b"[]"]


def test_a_resent_conflict_is_told_again(store: AnswerStore) -> None:
    accept(store, submission("one", b"{}"), submission("one", b"[]"))
    assert accept(store, submission("one", b"[]")) == [Standing.conflict]
    assert len(payloads(store)) == 2


def test_the_same_answers_to_another_definition_conflict(store: AnswerStore) -> None:
    accept(store, submission("one"))
    assert accept(store, submission("one", definition="0123456789ab")) == [Standing.conflict]


def test_answers_to_an_unknown_definition_are_kept_aside(store: AnswerStore) -> None:
    assert accept(store, submission(known=False)) == [Standing.aside]
    assert len(payloads(store, Standing.aside)) == 1


def test_200_parallel_resends_of_one_id_give_one_row(store: AnswerStore) -> None:
    given = submission()
    with ThreadPoolExecutor(16) as threads:
        outcomes = [one for many in threads.map(store.accept, [[given]] * 200) for one in many]
    assert sorted(one.standing for one in outcomes) == [Standing.accepted] + [Standing.repeated] * 199
    assert len({one.receipt for one in outcomes}) == 1
    assert len(payloads(store)) == 1


def test_more_submissions_than_one_query_has_room_for(store: AnswerStore) -> None:
    many = [submission() for _ in range(1203)]
    assert set(accept(store, *many)) == {Standing.accepted}
    assert set(accept(store, *many)) == {Standing.repeated}
    assert {kept.id for kept in store.kept("pupils")} == {one.id for one in many}


def test_rows_are_read_page_by_page_each_once(store: AnswerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("manyi.collect.store.store.PAGE", 7)
    many = [submission(payload=b"%d" % number) for number in range(50)]
    accept(store, *many, *(replace(one, payload=b"other") for one in many[:9]))
    assert sorted(payloads(store)) == sorted([one.payload for one in many] + [b"other"] * 9)


def test_a_row_the_database_cannot_hold_is_named(store: AnswerStore) -> None:
    with pytest.raises(SubmissionUnfit) as caught:
        store.accept([submission(), submission("x" * 65)])
    assert caught.value.faults[0].code == "store-unfit"
    assert payloads(store) == []


def test_an_error_quotes_no_answer(store: AnswerStore) -> None:
    with pytest.raises(SubmissionUnfit) as caught:
        store.accept([submission("x" * 65, b'{"said": "secret words"}')])
    told = f"{caught.value}{caught.value.__context__}"
    assert "secret" not in told
    assert b"secret words".hex() not in told


# --- access codes


def test_a_code_is_found_as_people_type_it(store: AnswerStore) -> None:
    code = store.codes.make("pupils", "33010101", "3", 5)[0]
    typed = f" {code[:4].lower()}-{code[4:8]} {code[8:]}".replace("0", "o").replace("1", "l")
    found = store.codes.find(typed)
    assert found is not None
    assert (found[0].role, found[0].school, found[0].group) == ("pupils", "33010101", "3")


def test_codes_are_all_different_and_have_65_bits(store: AnswerStore) -> None:
    codes = store.codes.make("pupils", "", "", 500)
    assert len(set(codes)) == 500
    assert {len(code) for code in codes} == {13}
    assert set("".join(codes)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_an_unknown_code_is_not_found(store: AnswerStore) -> None:
    store.codes.make("pupils", "", "", 5)
    assert store.codes.find("0" * 13) is None


def test_a_list_another_process_makes_is_found_within_a_second(
    store: AnswerStore, store_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manyi.collect.store.codes.LOOK_AGAIN", 0.0)
    store.codes.find("nothing")
    other = AnswerStore(open_engine(store_address))
    code = other.codes.make("pupils", "1", "", 5)[0]
    other.close()
    assert store.codes.find(code) is not None


def test_guessed_codes_cost_no_query_each(store: AnswerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []
    load = store.codes._load
    monkeypatch.setattr(store.codes, "_load", lambda: (looks.append(1), load()))
    for number in range(100):
        store.codes.find(f"guess {number}")
    assert len(looks) == 1


def place_of(store: AnswerStore, code: str) -> tuple[str, int]:
    found = store.codes.find(code)
    assert found is not None
    return found[1]


def test_a_code_is_spent_once(store: AnswerStore) -> None:
    place = place_of(store, store.codes.make("pupils", "1", "", 9)[4])
    given = accept(store, submission(code=place), submission(code=place))
    assert given == [Standing.accepted, Standing.code_spent]
    assert accept(store, submission(code=place)) == [Standing.code_spent]
    assert store.codes.is_spent(place)


def test_the_other_codes_of_a_list_stay_good(store: AnswerStore) -> None:
    places = [place_of(store, code) for code in store.codes.make("pupils", "1", "", 9)]
    accept(store, submission(code=places[0]))
    assert [store.codes.is_spent(place) for place in places] == [True] + [False] * 8
    assert accept(store, *(submission(code=place) for place in places[1:])) == [Standing.accepted] * 8


def test_a_resend_with_its_own_spent_code_is_no_second_use(store: AnswerStore) -> None:
    given = submission(code=place_of(store, store.codes.make("pupils", "1", "", 9)[0]))
    assert accept(store, given) + accept(store, given) == [Standing.accepted, Standing.repeated]


def test_answers_whose_code_was_spent_count_when_they_come_with_a_good_one(store: AnswerStore) -> None:
    first, second = (place_of(store, code) for code in store.codes.make("pupils", "1", "", 9)[:2])
    accept(store, submission(code=first))
    late = submission(code=first)
    assert accept(store, late) == [Standing.code_spent]
    assert accept(store, replace(late, code=second, school="7")) == [Standing.accepted]
    assert [(kept.id, kept.school) for kept in store.kept("pupils") if kept.school] == [(late.id, "7")]
    assert payloads(store, Standing.code_spent) == []
    assert accept(store, late) == [Standing.repeated]


def test_a_conflict_spends_no_code(store: AnswerStore) -> None:
    place = place_of(store, store.codes.make("pupils", "1", "", 9)[0])
    accept(store, submission("one", b"{}"), submission("one", b"[]", code=place))
    assert not store.codes.is_spent(place)


def test_one_code_used_by_200_at_once_admits_one(store: AnswerStore) -> None:
    place = place_of(store, store.codes.make("pupils", "1", "", 9)[0])
    with ThreadPoolExecutor(16) as threads:
        given = [[submission(code=place)] for _ in range(200)]
        standings = [one.standing for many in threads.map(store.accept, given) for one in many]
    assert sorted(standings) == [Standing.accepted] + [Standing.code_spent] * 199


def test_issued_codes_are_counted_by_role_school_and_class(store: AnswerStore) -> None:
    for role, group, number in (("pupils", "1", 5), ("pupils", "1", 6), ("parents", "1", 7)):
        store.codes.make(role, "330", group, number)
    assert store.codes.issued() == {("pupils", "330", "1"): 11, ("parents", "330", "1"): 7}


# --- taking back


def test_withdrawn_answers_are_gone_and_counted(store: AnswerStore) -> None:
    given = submission()
    (outcome,) = store.accept([given])
    assert store.withdraw(outcome.receipt.lower().replace("-", " "))
    assert payloads(store) == []
    assert store.withdrawn() == {("pupils", "withdrawn"): 1}


def test_withdrawal_takes_the_conflicting_payloads_too(store: AnswerStore) -> None:
    accept(store, submission("one", b"{}"), submission("one", b"[]"), submission("two"))
    assert store.withdraw(store.receipt("one"))
    assert {kept.id for kept in store.kept("pupils", tuple(Standing))} == {"two"}


def test_nothing_is_withdrawn_twice_or_without_a_receipt(store: AnswerStore) -> None:
    accept(store, submission("one"))
    receipt = store.receipt("one")
    assert [store.withdraw(receipt), store.withdraw(receipt), store.withdraw("")] == [True, False, False]


def test_withdrawn_answers_do_not_come_back(store: AnswerStore) -> None:
    accept(store, submission("one"))
    store.withdraw(store.receipt("one"))
    assert [one.standing for one in store.accept([submission("one")])] == [Standing.withdrawn]
    assert payloads(store) == []


def test_a_late_resend_during_withdrawal_leaves_no_answer(store: AnswerStore) -> None:
    for number in range(30):
        given = submission(f"race-{number}")
        store.accept([given])
        with ThreadPoolExecutor(4) as threads:
            threads.submit(store.withdraw, store.receipt(given.id))
            for _ in range(3):
                threads.submit(store.accept, [given])
    assert payloads(store) == []


def test_purge_leaves_tombstones(store: AnswerStore) -> None:
    many = [submission() for _ in range(1100)]
    accept(store, *many, submission("p", role="parents"))
    assert store.purge("pupils") == 1100
    assert set(accept(store, *many)) == {Standing.withdrawn}
    assert {(one.role, one.n) for one in store.counts()} == {("parents", 1)}
    assert store.withdrawn() == {("pupils", "purged"): 1100}


def test_purge_of_all_roles(store: AnswerStore) -> None:
    accept(store, submission(), submission(), submission(role="parents"))
    assert store.purge() == 3
    assert store.counts() == []
    assert store.withdrawn() == {("pupils", "purged"): 2, ("parents", "purged"): 1}


def test_the_audit_says_what_and_how_many_never_whose(store: AnswerStore) -> None:
    accept(store, submission("one", school="330"), submission("two"), submission("three", role="parents"))
    store.codes.make("pupils", "330", "2", 5)
    store.withdraw(store.receipt("one"))
    store.purge()
    lines = store.audit()
    assert [(line["action"], line["role"], line["count"]) for line in lines] == [
        ("codes", "pupils", 5),
        ("withdrawn", "pupils", 1),
        ("purged", "parents", 1),
        ("purged", "pupils", 1),
    ]
    told = repr(lines)
    assert not any(word in told for word in ("one", "three", store.receipt("one")))


# --- counts and state


def test_counts_by_role_school_class_and_standing(store: AnswerStore) -> None:
    accept(store, *(submission(school="1", group="2") for _ in range(3)), submission("x", b"1", school="1"))
    accept(store, submission("x", b"2", school="1"))
    assert [(one.role, one.school, one.group, str(one.standing), one.n) for one in store.counts()] == [
        ("pupils", "1", "", "accepted", 1),
        ("pupils", "1", "", "conflict", 1),
        ("pupils", "1", "2", "accepted", 3),
    ]


def test_the_state_changes_with_every_answer_that_comes_or_goes(store: AnswerStore) -> None:
    states = [store.state()]
    for step in (
        lambda: store.accept([submission("one")]),
        lambda: store.accept([submission("one", b"other")]),
        lambda: store.accept([submission("two", role="parents")]),
        lambda: store.withdraw(store.receipt("one")),
        lambda: store.purge(),
    ):
        step()
        states.append(store.state())
    assert len(set(states)) == len(states)


def test_the_state_stays_when_nothing_changes(store: AnswerStore) -> None:
    given = submission("one")
    store.accept([given])
    before = store.state()
    store.accept([given])
    store.codes.make("pupils", "", "", 5)
    assert store.state() == before


def test_the_state_of_a_role_does_not_change_with_another_role(store: AnswerStore) -> None:
    store.accept([submission()])
    before = store.state("pupils")
    store.accept([submission(role="parents")])
    assert store.state("pupils") == before
    assert store.state("parents") != before


# --- opening


def test_receipts_last_beyond_the_process(store: AnswerStore, store_address: str) -> None:
    again = AnswerStore(open_engine(store_address))
    assert again.receipt("one") == store.receipt("one")
    again.close()


def test_receipts_of_another_store_are_others(store: AnswerStore, tmp_path: object) -> None:
    other = AnswerStore(open_engine(f"sqlite:///{tmp_path}/other.sqlite"))
    assert other.receipt("one") != store.receipt("one")
    other.close()


def test_servers_that_start_at_once_agree_on_the_key(store_address: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: AnswerStore(open_engine(store_address)), range(8)))
    assert len({store.key for store in stores}) == 1
    for store in stores:
        store.close()


def test_a_store_of_another_layout_is_not_opened(store: AnswerStore, store_address: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE settings SET value = :v WHERE name = 'layout'"), {"v": b"99"})
    engine = open_engine(store_address)
    with pytest.raises(ManyiError) as caught:
        AnswerStore(engine)
    engine.dispose()
    assert caught.value.faults[0].code == "store-layout"


def test_the_tables_are_those_of_the_schema(store: AnswerStore) -> None:
    assert {table.name for table in metadata.sorted_tables} == {
        "answers",
        "audit",
        "code_lists",
        "settings",
        "tombstones",
    }
