"""Exports that follow each other: only new rows are added, edited ones replace, honest twins stay."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from manyi.readers.decoding.moments import moments_of
from manyi.readers.importing import Imported, import_answers
from manyi.study.definition import Role
from manyi_instruments.definitions.loader import load_questionnaire

QUESTIONNAIRE = load_questionnaire("""
questionnaire: pupils
title: {en: Pupils}
languages: [en]
answer_lists:
  agree: {values: [1, 2, 3, 4, 5], en: [never, seldom, sometimes, often, always]}
items:
  - {id: A1, text: {en: A1}, answers: agree, standalone: true}
  - {id: A2, text: {en: A2}, answers: agree, standalone: true}
  - {id: A3, text: {en: A3}, answers: agree, standalone: true}
  - {id: NOTE, text: {en: NOTE}, type: text}
""")
ROLE = Role.model_validate({"title": {"en": "Pupils"}, "questionnaire": "q.yaml"})
Rows = list[dict[str, str]]


def uuid(number: int) -> str:
    """Return an id as Kobo and ODK draw them."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def answered(number: int, shift: int = 0) -> dict[str, str]:
    """Return answers that differ between neighbours."""
    values = ((number + shift) % 5 + 1, (number // 5 + shift) % 5 + 1, (number * 3 + shift) % 5 + 1)
    return {**{f"A{i}": str(value) for i, value in enumerate(values, start=1)}, "NOTE": ""}


def at(number: int, day: int = 1) -> str:
    return f"2024-05-{day:02d} {8 + number // 60:02d}:{number % 60:02d}:{number * 7 % 60:02d}"


def with_uuid(numbers: range, shift: int = 0) -> Rows:
    return [{"submission": uuid(n), "submitted": at(n), **answered(n, shift)} for n in numbers]


def counted(numbers: range, day: int = 1, shift: int = 0) -> Rows:
    """Return rows whose ids count from 1, as 问卷星 and LimeSurvey number them."""
    return [{"submission": str(n + 1), "submitted": at(n, day), **answered(n, shift)} for n in numbers]


def timed(numbers: range) -> Rows:
    """Return rows with a time and without an id, as Google Forms exports them."""
    return [{"submitted": at(n), **answered(n)} for n in numbers]


def read(folder: Path, **files: Rows) -> Imported:
    paths = []
    for name, rows in files.items():
        paths.append(folder / f"{name}.csv")
        pd.DataFrame(rows).to_csv(paths[-1], index=False, encoding="utf-8")
    found = import_answers(paths, QUESTIONNAIRE, ROLE, "pupils", language="en")
    assert len(found.answers) == found.cells["rows_kept"].sum()
    assert (found.quarantine["item"] == "").sum() == found.cells["rows_quarantined"].sum()
    return found


def codes(found: Imported) -> list[str]:
    return [fault.code for fault in found.faults]


def aside(found: Imported) -> list[tuple[str, int, str]]:
    rows = found.quarantine[found.quarantine["item"] == ""]
    return list(rows[["file", "row", "code"]].itertuples(index=False, name=None))


def test_a_longer_export_adds_only_the_new_rows(tmp_path: Path) -> None:
    found = read(tmp_path, week1=with_uuid(range(4)), week2=with_uuid(range(6)))
    assert found.answers["submission"].tolist() == [uuid(n) for n in range(6)]


def test_rows_added_once_only_stand_in_the_quarantine(tmp_path: Path) -> None:
    found = read(tmp_path, week1=with_uuid(range(3)), week2=with_uuid(range(4)))
    assert aside(found) == [("week2.csv", row, "row-repeated") for row in (2, 3, 4)]


def test_rows_repeated_are_counted_in_the_account(tmp_path: Path) -> None:
    found = read(tmp_path, week1=with_uuid(range(3)), week2=with_uuid(range(4)))
    assert found.cells[["rows_read", "rows_kept", "rows_repeated"]].to_numpy().tolist() == [
        [3, 3, 0],
        [4, 1, 3],
    ]


def test_rows_repeated_are_told_once_a_pair_of_files(tmp_path: Path) -> None:
    found = read(tmp_path, week1=with_uuid(range(3)), week2=with_uuid(range(4)))
    (fault,) = (fault for fault in found.faults if fault.code == "rows-repeated")
    assert dict(fault.details) == {"file": "week2.csv", "other": "week1.csv", "n": 3}


def test_three_exports_add_up_to_the_last(tmp_path: Path) -> None:
    found = read(tmp_path, a=with_uuid(range(3)), b=with_uuid(range(5)), c=with_uuid(range(9)))
    assert found.answers["file"].tolist() == ["a.csv"] * 3 + ["b.csv"] * 2 + ["c.csv"] * 4


def test_the_same_file_twice_adds_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, a=with_uuid(range(5)), b=with_uuid(range(5)))
    assert (len(found.answers), codes(found)) == (5, ["same-file"])
    assert found.files["same_as"].tolist() == ["", "a.csv"]


def test_rows_of_an_export_in_another_order_are_found(tmp_path: Path) -> None:
    found = read(tmp_path, week1=with_uuid(range(4)), week2=with_uuid(range(6))[::-1])
    assert sorted(found.answers["submission"]) == sorted(uuid(n) for n in range(6))


def test_of_an_edited_submission_the_newer_version_is_used(tmp_path: Path) -> None:
    later = with_uuid(range(6))
    later[2]["A1"] = "5" if later[2]["A1"] != "5" else "4"
    found = read(tmp_path, week1=with_uuid(range(4)), week2=later)
    used = found.answers.set_index("submission").loc[uuid(2)]
    assert (used["file"], str(int(used["A1"]))) == ("week2.csv", later[2]["A1"])
    assert ("week1.csv", 4, "row-replaced") in aside(found)
    assert found.cells["rows_replaced"].tolist() == [1, 0]


def test_an_edited_submission_is_told_with_the_number_of_rows(tmp_path: Path) -> None:
    found = read(tmp_path, week1=with_uuid(range(4)), week2=with_uuid(range(6), shift=1))
    (fault,) = (fault for fault in found.faults if fault.code == "rows-replaced")
    assert (fault.details["n"], fault.severity) == (4, "warning")


def test_an_edit_taken_back_leaves_the_first_version(tmp_path: Path) -> None:
    edited, later = with_uuid(range(5)), with_uuid(range(6))
    edited[0]["A2"] = "5" if edited[0]["A2"] != "5" else "4"
    found = read(tmp_path, a=with_uuid(range(4)), b=edited, c=later)
    used = found.answers.set_index("submission").loc[uuid(0)]
    assert str(int(used["A2"])) == later[0]["A2"]
    assert len(found.answers) == 6


def test_the_newer_file_is_told_by_its_times_not_by_its_name(tmp_path: Path) -> None:
    later = with_uuid(range(6))
    later[0]["A1"] = "5" if later[0]["A1"] != "5" else "4"
    found = read(tmp_path, b_first=with_uuid(range(4)), a_second=later)
    assert ("b_first.csv", 2, "row-replaced") in aside(found)


def test_a_newer_export_with_one_more_question_takes_the_place_of_the_older(tmp_path: Path) -> None:
    first = [{key: cell for key, cell in row.items() if key != "A3"} for row in with_uuid(range(4))]
    found = read(tmp_path, week1=first, week2=with_uuid(range(6)))
    assert found.answers["file"].unique().tolist() == ["week2.csv"]
    assert (found.answers["A3"] > 0).all()


def test_a_newer_export_with_one_question_less_adds_only_new_rows(tmp_path: Path) -> None:
    later = [{key: cell for key, cell in row.items() if key != "A3"} for row in with_uuid(range(6))]
    found = read(tmp_path, week1=with_uuid(range(4)), week2=later)
    assert found.cells["rows_kept"].tolist() == [4, 2]
    assert found.answers["A3"].tolist()[4:] == [-7.0, -7.0]


def test_counters_with_equal_times_are_one_survey(tmp_path: Path) -> None:
    found = read(tmp_path, week1=counted(range(10)), week2=counted(range(15)))
    assert found.answers["submission"].tolist() == [str(n + 1) for n in range(15)]


def test_counters_of_two_surveys_are_all_kept(tmp_path: Path) -> None:
    found = read(tmp_path, school1=counted(range(30)), school2=counted(range(40), day=2))
    assert (len(found.answers), codes(found)) == (70, [])


def test_counters_of_two_surveys_with_the_same_answers_are_all_kept(tmp_path: Path) -> None:
    rows = [{**row, "A1": "5", "A2": "5", "A3": "5"} for row in counted(range(30))]
    other = [{**row, "submitted": at(n, day=2)} for n, row in enumerate(rows)]
    found = read(tmp_path, school1=rows, school2=[*other, {**other[0], "submission": "31"}])
    assert len(found.answers) == 61


def test_counters_without_times_are_compared_by_answers(tmp_path: Path) -> None:
    rows = [{**row, "submitted": ""} for row in counted(range(40))]
    found = read(tmp_path, week1=rows[:30], week2=rows)
    assert found.cells["rows_kept"].tolist() == [30, 10]


def test_counters_without_times_and_with_other_answers_are_kept_and_told(tmp_path: Path) -> None:
    rows = [{**row, "submitted": ""} for row in counted(range(30))]
    others = [{**row, "submitted": ""} for row in counted(range(40), shift=1)]
    found = read(tmp_path, a=rows, b=others)
    assert (len(found.answers), codes(found)) == (70, ["ids-shared"])


def test_a_constant_time_is_no_evidence(tmp_path: Path) -> None:
    # LimeSurvey writes this time into every row of a survey that is not date-stamped.
    rows, others = (
        [{**row, "submitted": "1980-01-01 00:00:00"} for row in counted(range(30), shift=shift)]
        for shift in (0, 1)
    )
    assert len(read(tmp_path, a=rows, b=others).answers) == 60


def test_an_id_that_stands_twice_in_one_file_is_kept_twice(tmp_path: Path) -> None:
    rows = with_uuid(range(5))
    found = read(tmp_path, a=[*rows, rows[0]])
    assert found.answers["submission"].tolist().count(uuid(0)) == 2


def test_an_id_that_stands_twice_in_both_files_is_kept_twice(tmp_path: Path) -> None:
    rows = [*with_uuid(range(3)), with_uuid(range(1))[0], *with_uuid(range(3, 5))]
    found = read(tmp_path, a=rows[:4], b=rows)
    assert found.answers["submission"].tolist() == [uuid(n) for n in (0, 1, 2, 0, 3, 4)]


def test_rows_without_ids_are_found_by_time_and_answers(tmp_path: Path) -> None:
    found = read(tmp_path, week1=timed(range(4)), week2=timed(range(7)))
    assert found.answers["submitted"].tolist() == [at(n) for n in range(7)]
    assert [code for *_, code in aside(found)] == ["row-repeated"] * 4


def test_rows_without_ids_are_found_when_few_were_deleted(tmp_path: Path) -> None:
    found = read(tmp_path, week1=timed(range(10)), week2=timed(range(3, 15)))
    assert len(found.answers) == 15


def test_rows_with_and_without_ids_are_compared_by_time_and_answers(tmp_path: Path) -> None:
    found = read(tmp_path, week1=timed(range(10)), week2=counted(range(15)))
    assert len(found.answers) == 15


def test_two_equal_rows_of_one_second_stay_two(tmp_path: Path) -> None:
    rows = [timed(range(1))[0]] * 2
    found = read(tmp_path, a=[*rows, *timed(range(1, 5))], b=[*rows, *timed(range(1, 9))])
    assert (found.answers["submitted"] == at(0)).sum() == 2


def test_two_classes_of_which_one_pupil_agrees_to_the_second_are_all_kept(tmp_path: Path) -> None:
    other = [{"submitted": at(n, day=2), **answered(n)} for n in range(1, 10)]
    found = read(tmp_path, a=timed(range(10)), b=[timed(range(1))[0], *other])
    assert (len(found.answers), codes(found)) == (20, [])


def test_equal_answers_without_time_and_id_are_honest(tmp_path: Path) -> None:
    rows = [answered(n) for n in range(8)]
    assert len(read(tmp_path, a=rows, b=[*rows, answered(8)]).answers) == 17


def test_equal_answers_with_a_date_only_are_honest_in_another_order(tmp_path: Path) -> None:
    rows = [{"submitted": "2024/5/1", **answered(n)} for n in range(80)]
    assert len(read(tmp_path, a=rows, b=[answered(99) | {"submitted": "2024/5/1"}, *rows]).answers) == 161


def test_a_longer_export_with_dates_only_begins_with_the_shorter(tmp_path: Path) -> None:
    rows = [{"submitted": "2024/5/1", **answered(n)} for n in range(90)]
    assert len(read(tmp_path, a=rows[:80], b=rows).answers) == 90


def test_the_same_rows_in_another_notation_of_time_are_found(tmp_path: Path) -> None:
    first = [{**row, "submitted": row["submitted"].replace("-", "/")} for row in timed(range(6))]
    assert len(read(tmp_path, a=first, b=timed(range(9))).answers) == 9


def test_answers_do_not_depend_on_how_the_export_was_cut(tmp_path: Path) -> None:
    whole = read(tmp_path, all=with_uuid(range(20))).answers.drop(columns=["file", "row"])
    parts = read(tmp_path, a=with_uuid(range(7)), b=with_uuid(range(13)), c=with_uuid(range(20)))
    pd.testing.assert_frame_equal(parts.answers.drop(columns=["file", "row"]), whole)


def test_addresses_become_codes_that_agree_between_files(tmp_path: Path) -> None:
    first = [{**row, "device": "112.65.61.220(上海-上海)"} for row in with_uuid(range(3))]
    other = [{**row, "device": "112.65.61.220"} for row in with_uuid(range(3, 6))]
    found = read(tmp_path, a=first, b=[*other, {**with_uuid(range(6, 7))[0], "device": "10.0.0.7"}])
    device = found.answers["device"]
    assert device.nunique() == 2
    assert device.iloc[:6].nunique() == 1
    assert device.str.fullmatch("[0-9a-f]{16}").all()


def test_an_address_stands_in_no_table(tmp_path: Path) -> None:
    rows = [{**row, "device": f"112.65.61.{n}"} for n, row in enumerate(with_uuid(range(3)))]
    found = read(tmp_path, a=rows)
    frames = (found.answers, found.quarantine, found.cells, found.files)
    assert not any("112.65" in frame.to_csv() for frame in frames)


def test_a_code_is_no_plain_digest_of_the_address(tmp_path: Path) -> None:
    # Whoever holds the tables could try all addresses of IPv4 against a digest without a key.
    rows = [{**row, "device": f"112.65.61.{n}"} for n, row in enumerate(with_uuid(range(3)))]
    less = read(tmp_path, a=rows[:2]).answers["device"].iloc[0]
    assert read(tmp_path, b=rows).answers["device"].iloc[0] != less


@pytest.mark.parametrize(
    ("cells", "moment"),
    [
        # 问卷星, LimeSurvey, Kobo, Google Forms (zh), Google Forms (US), Excel's day first.
        (["2024/5/1 8:05:09"], "2024-05-01T08:05:09"),
        (["2024-05-01 08:05:09"], "2024-05-01T08:05:09"),
        (["2024-05-01T08:05:09.120+08:00"], "2024-05-01T08:05:09"),
        (["2024/05/01 下午 3:04:05"], "2024-05-01T15:04:05"),
        (["5/6/2024 15:04:05", "5/28/2024 1:00:00"], "2024-05-06T15:04:05"),
        (["06/05/2024 15:04", "28/05/2024 01:00"], "2024-05-06T15:04:00"),
        (["2024年5月1日"], "2024-05-01T00:00:00"),
        (["5/6/2024 15:04:05"], "NaT"),
        (["2024-02-30"], "NaT"),
        (["12:05"], "NaT"),
        ([""], "NaT"),
    ],
)
def test_moments(cells: list[str], moment: str) -> None:
    assert str(moments_of(pd.Series(cells, dtype="str"))[0]) == moment
