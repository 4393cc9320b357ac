"""``outputs:`` of study.yaml: what it can say, what is a mistake, and what reaches the appendix."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from manyi.stages.pipeline import stages_of
from manyi.stages.writing import context_of
from manyi.study.checks import study_faults
from manyi.study.folder import StudyFolder, open_study
from manyi.study.outputs_plan import Outputs

Study = Callable[[dict[str, Any]], StudyFolder]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Return a function that writes a small study with these outputs."""
    questionnaire = {
        "questionnaire": "q", "title": {"en": "Q"}, "languages": ["en"],
        "answer_lists": {"a": {"values": [1, 2], "en": ["no", "yes"]}},
        "items": [{"id": "A", "text": {"en": "A?"}, "answers": "a", "standalone": True}],
    }  # fmt: skip
    (tmp_path / "q.yaml").write_text(yaml.safe_dump(questionnaire), encoding="utf-8")
    answers = tmp_path / "data" / "responses" / "r"
    answers.mkdir(parents=True)
    (answers / "a.csv").write_text("A\n1\n", encoding="utf-8")

    def write(outputs: dict[str, Any]) -> StudyFolder:
        roles = {"r": {"title": {"en": "R"}, "questionnaire": "q.yaml"}}
        content = {"study": "s", "title": {"en": "S"}, "language": "en", "roles": roles, "outputs": outputs}
        (tmp_path / "study.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        return open_study(tmp_path)

    return write


def codes(study: StudyFolder) -> list[str]:
    return [fault.code for fault in study_faults(study) if fault.code.startswith("output-")]


def languages(study: StudyFolder, asked: str | None = None) -> str:
    stage = next(stage for stage in stages_of(study, asked) if stage.name == "appendix")
    return str(stage.parameters["language"])


@pytest.mark.parametrize(("written", "read"), [(3, "3"), ("3", "3"), ("A", "A"), ("", ""), (12, "12")])
def test_chapter_is_a_number_or_a_letter(written: object, read: str) -> None:
    assert Outputs.model_validate({"chapter": written}).chapter == read


@pytest.mark.parametrize("written", ["3.1", "AB", "三", 123, True])
def test_other_chapters_are_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        Outputs.model_validate({"chapter": written})


def test_the_plan_reaches_the_context(study: Study) -> None:
    context = context_of(study({"chapter": 3, "style": "thesis", "tables": ["main", "convergent"]}), "en")
    assert (context.chapter, context.style, context.main) == ("3", "thesis", ("main", "convergent"))


def test_without_a_plan_the_style_is_that_of_the_language(study: Study) -> None:
    folder = study({})
    assert [context_of(folder, language).table_style for language in ("zh", "en")] == ["thesis", "apa"]


def test_the_appendix_is_in_the_language_of_the_study(study: Study) -> None:
    assert languages(study({})) == "en"


def test_the_appendix_is_in_the_languages_planned(study: Study) -> None:
    assert languages(study({"languages": ["zh", "en"]})) == "zh en"


def test_the_language_asked_for_goes_before_the_plan(study: Study) -> None:
    assert languages(study({"languages": ["zh", "en"]}), "en") == "en"


def test_a_language_without_words_is_told(study: Study) -> None:
    assert codes(study({"languages": ["zh", "fr"]})) == ["output-language-unknown"]


def test_a_table_of_no_kind_is_told_with_what_is_close(study: Study) -> None:
    folder = study({"tables": ["main", "discriminants"]})
    fault = next(fault for fault in study_faults(folder) if fault.code == "output-table-unknown")
    assert "discriminant" in fault.message("en")


@pytest.mark.parametrize("tables", ["main", "all", ["main"], ["reliability", "validity"], ["items-r"]])
def test_kinds_parts_and_single_tables_are_known(tables: object, study: Study) -> None:
    assert codes(study({"tables": tables})) == []
