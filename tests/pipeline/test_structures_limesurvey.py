"""LimeSurvey's survey structures: tab-separated (.txt) and XML (.lss) of old and new versions.

No ``.lss`` is among the shared files, so the tests write the real ``.txt`` as ``.lss``, in the two shapes
LimeSurvey's ``export_structure_xml`` has had (compare its own test surveys: DBVersion 145 with a row a
language, DBVersion 450 with ``…_l10ns``).
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from manyi.readers.structures import structure_file
from manyi.readers.structures.find import find_structure, is_structure, read_structure
from manyi.readers.structures.limesurvey_lss import is_limesurvey_lss, read_limesurvey_lss
from manyi.readers.structures.limesurvey_tsv import is_limesurvey_tsv, read_limesurvey_tsv
from manyi.readers.structures.plain_wording import plain_wording
from manyi.readers.structures.structure import Structure, StructuredQuestion
from manyi.readers.tables.raw_table import read_table
from manyi_instruments.faults import AnswersFaulty, FileUnreadable

SHARED = Path(__file__).parents[2] / ".." / "shared" / "examples" / "limesurvey_rse2017" / "us"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the folder `shared` is not beside the checkout"
)
HEADINGS = ("class", "type/scale", "name", "relevance", "text", "help", "language", "mandatory", "other")
WORDED = ("other_replace_text", "dualscale_headerA", "dualscale_headerB")
Row = Mapping[str, str]


def rows_of(*lines: str) -> list[Row]:
    """Return rows written as ``class¦type/scale¦name¦text¦language``, and settings after these."""
    found = []
    for line in lines:
        kind, scale, name, text, language, *more = line.split("¦")
        row = {"class": kind, "type/scale": scale, "name": name, "text": text, "language": language}
        row.update(pair.split("=", 1) for pair in more)
        found.append({"relevance": "1", "mandatory": "N", "other": "N", **row})
    return found


def write_tsv(folder: Path, rows: Sequence[Row]) -> Path:
    path = folder / "limesurvey_survey_1.txt"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*HEADINGS, *WORDED], delimiter="\t", restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def structure(folder: Path, *lines: str) -> Structure:
    survey = rows_of("S¦¦language¦zh-Hans¦", "S¦¦additional_languages¦en¦")
    return read_limesurvey_tsv(write_tsv(folder, [*survey, *rows_of(*lines)]))


def by_code(found: Structure) -> dict[str, StructuredQuestion]:
    return {question.code: question for question in found.questions}


def codes_and_kinds(found: Structure) -> list[tuple[str, str]]:
    return [(question.code, question.kind) for question in found.questions]


@pytest.mark.parametrize(
    ("kind", "entries"),
    [
        *[(letter, [("q", "single")]) for letter in "L!5YGI"],
        ("O", [("q", "single"), ("q[comment]", "text")]),
        ("M", [("q", "multiple")]),
        ("P", [("q", "multiple"), ("q[acomment]", "text"), ("q[bcomment]", "text")]),
        *[(letter, [("q[a]", "matrix"), ("q[b]", "matrix")]) for letter in "FHABCE"],
        ("1", [("q[a][1]", "matrix"), ("q[a][2]", "matrix"), ("q[b][1]", "matrix"), ("q[b][2]", "matrix")]),
        (":", [("q[a_x]", "number"), ("q[b_x]", "number")]),
        (";", [("q[a_x]", "text"), ("q[b_x]", "text")]),
        ("K", [("q[a]", "number"), ("q[b]", "number")]),
        ("Q", [("q[a]", "text"), ("q[b]", "text")]),
        ("R", [("q", "ranking")]),
        ("N", [("q", "number")]),
        *[(letter, [("q", "text")]) for letter in "STUD*|"],
    ],
)
def test_every_type_has_the_columns_of_its_exports(
    tmp_path: Path, kind: str, entries: list[tuple[str, str]]
) -> None:
    """LimeSurvey's types and their columns as its createFieldMap lists them."""
    parts = ["SQ¦0¦a¦A¦en", "SQ¦0¦b¦B¦en"] if kind not in "L!5YGIORNSTUD*|" else []
    parts += ["SQ¦1¦x¦X¦en"] if kind in ":;" else []
    parts += ["A¦0¦1¦one¦en", "A¦1¦1¦eins¦en"] if kind in "L!OFHR1" else []
    found = structure(tmp_path, *["Q¦?¦q¦Question¦en".replace("?", kind)], *parts)
    assert codes_and_kinds(found) == entries
    assert found.faults == ()


def test_a_text_to_read_is_no_question(tmp_path: Path) -> None:
    found = structure(tmp_path, "Q¦X¦intro¦Welcome¦en", "Q¦N¦age¦Age¦en")
    assert codes_and_kinds(found) == [("age", "number")]
    assert found.faults == ()


def test_an_unknown_type_is_named(tmp_path: Path) -> None:
    found = structure(tmp_path, "Q¦Z¦new¦New¦en", "Q¦N¦age¦Age¦en")
    assert [(fault.code, fault.details["questions"]) for fault in found.faults] == [
        ("structure-type-unknown", "new")
    ]


# Codes as LimeSurvey's SurveyObj::getFullAnswer tests them; Chinese wordings of its catalogue zh-Hans.
@pytest.mark.parametrize(
    ("kind", "codes", "chinese", "english"),
    [
        ("Y", "Y N", ["是", "否"], ["Yes", "No"]),
        ("G", "F M", ["女", "男"], ["Female", "Male"]),
        ("C", "Y U N", ["是", "不确定", "否"], ["Yes", "Uncertain", "No"]),
        ("E", "I S D", ["增加", "相同", "减少"], ["Increase", "Same", "Decrease"]),
    ],
)
def test_answers_limesurvey_words_itself(
    tmp_path: Path, kind: str, codes: str, chinese: list[str], english: list[str]
) -> None:
    found = structure(tmp_path, "Q¦?¦q¦Question¦en".replace("?", kind), "SQ¦0¦a¦A¦en")
    answers = found.questions[0].answers
    assert [answer.code for answer in answers] == codes.split()
    assert [answer.labels["zh"] for answer in answers] == chinese
    assert [answer.labels["en"] for answer in answers] == english


@pytest.mark.parametrize(("kind", "n"), [("5", 5), ("A", 5), ("B", 10)])
def test_points_are_their_own_labels(tmp_path: Path, kind: str, n: int) -> None:
    found = structure(tmp_path, "Q¦?¦q¦Question¦en".replace("?", kind), "SQ¦0¦a¦A¦en")
    answers = found.questions[0].answers
    assert [(answer.code, answer.labels[""]) for answer in answers] == [
        (str(i), str(i)) for i in range(1, n + 1)
    ]


def test_languages_of_a_question_are_joined_by_its_code(tmp_path: Path) -> None:
    found = structure(
        tmp_path,
        "SL¦¦surveyls_title¦家长¦zh-Hans",
        "SL¦¦surveyls_title¦Parents¦en",
        "Q¦F¦sat¦<p>满意？</p>¦zh-Hans¦mandatory=Y¦relevance=age > 3",
        "SQ¦0¦q1¦教师¦zh-Hans",
        "A¦0¦A1¦是的¦zh-Hans",
        "Q¦F¦sat¦Satisfied?¦en¦mandatory=Y¦relevance=age > 3",
        "SQ¦0¦q1¦Teachers¦en",
        "A¦0¦A1¦Yes¦en",
    )
    assert (found.languages, dict(found.title)) == (("zh", "en"), {"zh": "家长", "en": "Parents"})
    question = found.questions[0]
    assert question.texts == {"zh": "满意？—教师", "en": "Satisfied?—Teachers"}
    assert (question.group, question.stem) == ("sat", {"zh": "满意？", "en": "Satisfied?"})
    assert dict(question.answers[0].labels) == {"zh": "是的", "en": "Yes"}
    assert (question.required, question.relevant) == (True, "age > 3")


def test_of_two_varieties_of_a_language_the_first_stands(tmp_path: Path) -> None:
    found = structure(tmp_path, "Q¦S¦name¦Wie heißen Sie?¦de", "Q¦S¦name¦Wie heißt du?¦de-informal")
    assert found.questions[0].texts == {"de": "Wie heißen Sie?"}


def test_other_answers_have_their_own_words(tmp_path: Path) -> None:
    found = structure(
        tmp_path,
        "Q¦L¦job¦Job¦en¦other=Y¦other_replace_text=None of these",
        "A¦0¦A1¦Teacher¦en",
        "Q¦M¦m¦Use¦en¦other=Y",
        "SQ¦0¦a¦Books¦en",
    )
    job, several = found.questions
    assert [(answer.code, answer.labels["en"]) for answer in job.answers] == [
        ("A1", "Teacher"),
        ("-oth-", "None of these"),
    ]
    assert (job.other, several.other) == ("job[other]", "m[other]")
    assert [(answer.code, dict(answer.labels)) for answer in several.answers] == [
        ("a", {"en": "Books"}),
        ("other", {"zh": "其他", "en": "Other"}),
    ]


def test_dual_scales_have_an_answer_list_each(tmp_path: Path) -> None:
    found = by_code(
        structure(
            tmp_path,
            "Q¦1¦d¦Lessons¦en¦dualscale_headerA=Now¦dualscale_headerB=Wished",
            "SQ¦0¦a¦Sport¦en",
            "A¦0¦1¦few¦en",
            "A¦1¦1¦fewer¦en",
        )
    )
    assert found["d[a][1]"].texts == {"en": "Lessons—Sport—Now"}
    assert found["d[a][2]"].texts == {"en": "Lessons—Sport—Wished"}
    assert [answer.labels["en"] for answer in found["d[a][2]"].answers] == ["fewer"]


def test_line_breaks_and_markup_in_cells(tmp_path: Path) -> None:
    found = structure(tmp_path, "Q¦S¦a¦<p>One\r\n<em>two</em></p><script>x</script>&amp; three¦en")
    assert found.questions[0].texts == {"en": "One two & three"}


@needs_shared
def test_real_structure() -> None:
    found = read_structure(SHARED / "structure_import.txt")
    assert found.platform == "limesurvey"
    assert found.languages == ("en",)
    assert dict(found.title) == {"en": "Study about people in the United States writing research software"}
    assert found.faults == ()
    known = by_code(found)
    assert [answer.labels["en"] for answer in known["likert1[turnOver1]"].answers] == [
        "Never",
        "Sometimes",
        "Often",
        "Very Often",
        "Always",
    ]
    assert [(answer.code, answer.labels["en"]) for answer in known["rse1"].answers] == [
        ("Y", "Yes"),
        ("N", "No"),
    ]
    assert known["likert2[turnOver5]"].texts == {"en": "My current job satisfies my personal needs"}
    assert known["edu1"].other == "edu1[other]"


def real_rows() -> list[Row]:
    with (SHARED / "structure_import.txt").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def lss(rows: Sequence[Row], l10n: bool) -> str:
    """Write rows of a ``.txt`` as ``.lss``: wordings in the rows (DBVersion 145), or in ``…_l10ns`` (450)."""
    tables: dict[str, list[dict[str, str]]] = {}
    languages: list[str] = []
    titles: dict[str, str] = {}
    asked = group = ""
    ids = iter(range(1, 1_000_000))

    def add(table: str, key: str, ident: str, wording: str, text: str, language: str, **row: str) -> None:
        worded = {wording: text, "language": language}
        tables.setdefault(table, []).append({key: ident, **row, **({} if l10n else worded)})
        if l10n:
            name = "answer_l10ns" if table == "answers" else "question_l10ns"
            tables.setdefault(name, []).append({key: ident, **worded})

    for order, row in enumerate(rows, start=1):
        kind, text, language = row["class"], row["text"], row["language"]
        place, scale = str(order), row["type/scale"]
        if kind == "S" and row["name"] == "language":
            languages.append(text)
        elif kind == "SL" and row["name"] == "surveyls_title":
            titles[language] = text
        elif kind == "G":
            tables.setdefault("groups", []).append({"gid": place, "group_order": place})
            group = place
        elif kind == "Q":
            asked = str(next(ids))
            about = {name: row.get(name) or "" for name in ("other", "mandatory", "relevance")}
            about |= {"gid": group, "type": scale, "title": row["name"], "question_order": place}
            add("questions", "qid", asked, "question", text, language, parent_qid="0", **about)
            if row.get("other_replace_text"):
                setting = {
                    "qid": asked,
                    "attribute": "other_replace_text",
                    "value": row["other_replace_text"],
                }
                tables.setdefault("question_attributes", []).append({**setting, "language": language})
        elif kind == "SQ":
            about = {"parent_qid": asked, "title": row["name"], "question_order": place, "scale_id": scale}
            add("subquestions", "qid", str(next(ids)), "question", text, language, **about)
        elif kind == "A":
            about = {"qid": asked, "code": row["name"], "sortorder": place, "scale_id": scale}
            ident = {"aid": str(next(ids))} if l10n else {}
            add(
                "answers",
                *(("aid", ident["aid"]) if l10n else ("qid", asked)),
                "answer",
                text,
                language,
                **about,
            )
    tables["surveys"] = [{"sid": "1", "language": languages[0]}]
    tables["surveys_languagesettings"] = [
        {"surveyls_survey_id": "1", "surveyls_language": tag, "surveyls_title": title}
        for tag, title in titles.items()
    ]
    # LimeSurvey writes its tables in the order of their names, not of their meaning.
    body = "".join(_table(name, tables[name]) for name in sorted(tables))
    tags = "".join(f"  <language>{tag}</language>\n" for tag in languages)
    version = "450" if l10n else "145"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<document>\n <LimeSurveyDocType>Survey</LimeSurveyDocType>\n'
        f" <DBVersion>{version}</DBVersion>\n <languages>\n{tags} </languages>\n{body}</document>\n"
    )


def _table(name: str, rows: Sequence[Mapping[str, str]]) -> str:
    fields = "".join(f"   <fieldname>{escape(field)}</fieldname>\n" for field in rows[0])
    cells = "".join(
        "   <row>\n"
        + "".join(
            f"    <{key}><![CDATA[{value}]]></{key}>\n" if value else f"    <{key}/>\n"
            for key, value in row.items()
        )
        + "   </row>\n"
        for row in rows
    )
    return f" <{name}>\n  <fields>\n{fields}  </fields>\n  <rows>\n{cells}  </rows>\n </{name}>\n"


@needs_shared
@pytest.mark.parametrize("l10n", [False, True])
def test_the_same_survey_as_xml(tmp_path: Path, l10n: bool) -> None:
    path = tmp_path / "limesurvey_survey_421498.lss"
    path.write_text(lss(real_rows(), l10n), encoding="utf-8")
    expected = read_limesurvey_tsv(SHARED / "structure_import.txt")
    found = read_structure(path)
    assert (found.title, found.languages) == (expected.title, expected.languages)
    assert [question.code for question in found.questions] == [
        question.code for question in expected.questions
    ]
    assert found.questions == expected.questions


@pytest.mark.parametrize("l10n", [False, True])
def test_settings_in_xml(tmp_path: Path, l10n: bool) -> None:
    rows = rows_of(
        "S¦¦language¦en¦",
        "SL¦¦surveyls_title¦Jobs¦en",
        "G¦G0¦First¦¦en",
        "Q¦L¦job¦Job & <b>task</b>¦en¦other=Y¦other_replace_text=None of these¦mandatory=Y¦relevance=age > 3",
        "A¦0¦A2¦Doctor¦en",
        "A¦0¦A1¦Teacher¦en",
    )
    path = tmp_path / "survey.lss"
    path.write_text(lss(rows, l10n), encoding="utf-8")
    question = read_limesurvey_lss(path).questions[0]
    assert question.texts == {"en": "Job & task"}
    assert [answer.code for answer in question.answers] == ["A2", "A1", "-oth-"]
    assert question.answers[-1].labels == {"en": "None of these"}
    assert (question.required, question.relevant) == (True, "age > 3")


@needs_shared
def test_the_structure_of_a_file_is_found_among_others(tmp_path: Path) -> None:
    structure(tmp_path, "Q¦N¦age¦Age¦en")
    path = tmp_path / "limesurvey_survey_421498.lss"
    path.write_text(lss(real_rows(), True), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("class of 2024", encoding="utf-8")
    found = find_structure(read_table(SHARED / "public_data.csv"), "limesurvey", [tmp_path])
    assert found is not None
    assert found.path == path


def test_formats_are_told_by_their_beginning(tmp_path: Path) -> None:
    structure(tmp_path, "Q¦N¦age¦Age¦en")
    table = tmp_path / "classes.txt"
    table.write_text("class\tname\n3\tAnna\n", encoding="utf-8")
    assert is_limesurvey_tsv(tmp_path / "limesurvey_survey_1.txt")
    assert not is_limesurvey_lss(tmp_path / "limesurvey_survey_1.txt")
    assert not is_structure(table)
    assert not is_limesurvey_tsv(tmp_path / "absent.txt")


BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>450</DBVersion>&b;</document>"""
EXTERNAL = """<?xml version="1.0"?>
<!DOCTYPE document SYSTEM "other.dtd">
<document><LimeSurveyDocType>Survey</LimeSurveyDocType></document>"""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BOMB, "structure-unsafe"),
        (EXTERNAL, "structure-unsafe"),
        ("<document><LimeSurveyDocType>Survey</LimeSurveyDocType><questions><rows>", "structure-damaged"),
        ("<document><LimeSurveyDocType>Survey</LimeSurveyDocType></document>", "structure-empty"),
        ("", "file-empty"),
    ],
)
def test_bad_xml_is_refused_with_its_reason(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "survey.lss"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((FileUnreadable, AnswersFaulty)) as caught:
        read_limesurvey_lss(path)
    assert [fault.code for fault in caught.value.faults] == [code]


def _wrong_headings(path: Path) -> None:
    path.write_text("a\tb\n1\t2\n", encoding="utf-8")


def _no_questions(path: Path) -> None:
    path.write_text("class\ttype/scale\tname\ttext\tlanguage\nS\t\tsid\t1\t\n", encoding="utf-8")


def _other_encoding(path: Path) -> None:
    path.write_bytes("class\ttype/scale\tname\ttext\tlanguage\nQ\tS\ta\tGrüße\ten\n".encode("latin-1"))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_wrong_headings, "structure-damaged"),
        (_no_questions, "structure-empty"),
        (_other_encoding, "file-encoding"),
        (Path.mkdir, "file-is-folder"),
        (lambda path: None, "file-missing"),
    ],
)
def test_bad_text_is_refused_with_its_reason(
    tmp_path: Path, spoil: Callable[[Path], None], code: str
) -> None:
    path = tmp_path / "survey.txt"
    spoil(path)
    with pytest.raises((FileUnreadable, AnswersFaulty)) as caught:
        read_limesurvey_tsv(path)
    assert [fault.code for fault in caught.value.faults] == [code]


def test_a_file_too_large_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_tsv(tmp_path, rows_of("Q¦N¦age¦Age¦en"))
    monkeypatch.setattr(structure_file, "LARGEST", 100)
    with pytest.raises(FileUnreadable) as caught:
        read_limesurvey_tsv(path)
    assert caught.value.faults[0].code == "structure-too-large"


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<p>One</p><p>two</p>", "One two"),
        ("a<br/>b", "a b"),
        ("<style>p {x: 1}</style>Text", "Text"),
        ("&lt;3 years &amp; more&nbsp;", "<3 years & more"),
        ("x < 5 and y > 3", "x < 5 and y > 3"),
        ("{if(age < 3, 'a', 'b')}", "{if(age < 3, 'a', 'b')}"),
    ],
)
def test_markup_becomes_plain_text(html: str, plain: str) -> None:
    assert plain_wording(html) == plain
