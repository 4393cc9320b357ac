"""The pages a reader follows: links lead somewhere, commands parse, examples run and give what is said."""

import importlib.util
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import click
import pandas as pd
import pytest
import yaml

import manyi
from manyi.cli import COMMANDS, cli
from manyi.readers.importing import import_answers
from manyi.schools.codes import repair_code
from manyi.schools.table import read_schools
from manyi.study.analysis_plan import Analysis
from manyi.study.definition import Role, Schools, Study
from manyi_analysis.resources import evaluate_schools
from manyi_instruments.definitions.loader import check_questionnaire, load_questionnaire
from manyi_instruments.definitions.yaml_source import load_yaml_model
from manyi_instruments.faults import StudyFaulty
from manyi_instruments.standards import load_standard, read_layer, unlayered

ROOT = Path(__file__).parents[2]
PAGES = (
    *(ROOT / name for name in ("README.md", "README.zh.md", "ARCHITECTURE.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
)
ABOUT_CODE = ("ARCHITECTURE.md", "CONTRIBUTING.md", "example-county.md")
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)
FOLDERS = {
    "instruments/…/": "instruments/manyi_instruments/",
    "analysis/…/": "analysis/manyi_analysis/",
    "outputs/…/": "outputs/manyi_outputs/",
}


class Block(NamedTuple):
    """One fenced block of a page."""

    page: Path
    line: int
    info: str
    body: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(*infos: str, pages: tuple[Path, ...] = PAGES) -> list[Block]:
    """Return the fenced blocks whose info string is one of those given."""
    return [
        Block(page, text_of(page)[: found.start()].count("\n") + 1, found["info"].strip(), found["body"])
        for page in pages
        for found in FENCE.finditer(text_of(page))
        if found["info"].strip() in infos
    ]


def block(name: str, info: str, number: int = 0) -> str:
    """Return a block of one page."""
    return blocks(info, pages=(ROOT / name,))[number].body


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return FENCE.sub("", text_of(page))


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- links and paths ---------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """Return the anchors GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ +(.+?)\s*$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links() -> list[tuple[Path, str]]:
    found = []
    for page in PAGES:
        for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`(?!\])", "", prose(page))):
            if not link.startswith(("http://", "https://")):
                found.append((page, link))
    return found


@pytest.mark.parametrize(("page", "link"), links(), ids=lambda value: getattr(value, "name", value))
def test_link_leads_somewhere(page: Path, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    assert target.exists()
    assert not anchor or anchor in anchors(target)


def test_links_are_found_at_all() -> None:
    assert {"docs/tables.md", "README.md", "methods.md#satisfaction-index"} <= {link for _, link in links()}


def named_paths() -> set[tuple[str, str]]:
    """Return the paths of the repository in the pages about it; elsewhere a study's folders are meant."""
    found = set()
    for page in (page for page in PAGES if page.name in ABOUT_CODE):
        for path in re.findall(
            r"`((?:instruments|analysis|outputs|pipeline|tests|docs|\.ci)/[^`\s]*)`", prose(page)
        ):
            for short, long in FOLDERS.items():
                path = path.replace(short, long)
            found.add((page.name, path))
    return found


@pytest.mark.parametrize(("page", "path"), sorted(named_paths()))
def test_named_path_exists(page: str, path: str) -> None:
    assert list(ROOT.glob(path.removesuffix("/"))), f"{page} names {path}"


# --- commands ----------------------------------------------------------------------------------------------


def command_lines() -> list[tuple[str, list[str]]]:
    """Return every shell example that calls manyi: its line, and the arguments without redirection."""
    found = []
    for shown in blocks("sh", "powershell"):
        for line in re.split(r"\n|;|&&", shown.body):
            words = shlex.split(line.replace("\\", "/"), comments=True)
            words = words[: next((at for at, word in enumerate(words) if word in (">", "|")), None)]
            program = words[0].rsplit("/", 1)[-1] if words else ""
            if program == "manyi":
                found.append((f"{shown} {line.strip()}", words[1:]))
    return found


@pytest.mark.parametrize(("where", "arguments"), command_lines(), ids=lambda value: str(value)[:60])
def test_command_of_an_example_parses(where: str, arguments: list[str]) -> None:
    with cli.make_context("manyi", [], resilient_parsing=True) as top:
        command = cli.get_command(top, arguments[0])
        assert command is not None, where
        with command.make_context(arguments[0], arguments[1:], parent=top) as context:
            assert context.params["lang"] in (None, "zh", "en")


def test_an_option_that_is_not_there_would_be_found() -> None:
    with cli.make_context("manyi", [], resilient_parsing=True) as top:
        command = cli.get_command(top, "run")
        assert command is not None
        with pytest.raises(click.UsageError):
            command.make_context("run", ["my-study", "--fast"], parent=top)


def inline_commands() -> set[tuple[str, str, str]]:
    return {
        (page.name, name, options)
        for page in PAGES
        for name, options in re.findall(r"`manyi ([a-z]+)([^`\n]*)`", prose(page))
    }


@pytest.mark.parametrize(("page", "name", "options"), sorted(inline_commands()))
def test_command_named_in_the_text_is_there(page: str, name: str, options: str) -> None:
    assert name in COMMANDS
    with cli.make_context("manyi", [], resilient_parsing=True) as top:
        command = cli.get_command(top, name)
        assert command is not None
        known = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", options)) <= known


def test_reference_of_commands_is_the_help_of_the_commands() -> None:
    made = loaded(ROOT / "docs" / "generate_commands.py").reference()
    assert text_of(ROOT / "docs" / "commands.md") == made, "run: python docs/generate_commands.py"


def test_reference_of_readers_is_what_the_readers_say() -> None:
    made = loaded(ROOT / "docs" / "generate_readers.py").reference()
    assert text_of(ROOT / "docs" / "readers.md") == made, "run: python docs/generate_readers.py"


# --- set-up ------------------------------------------------------------------------------------------------


def shell_commands(page: str) -> list[str]:
    """Return the commands of a page's shell examples, comments left out."""
    lines = [
        line for shown in blocks("sh", "powershell", pages=(ROOT / page,)) for line in shown.body.split("\n")
    ]
    return [command for line in lines if (command := re.sub(r"\s+#.*$", "", line).strip())]


def test_readme_shows_two_set_up_commands() -> None:
    assert sum("python3 -m venv" in command for command in shell_commands("README.md")) == 2


def test_ci_runs_the_set_up_commands_shown() -> None:
    shown = [command for command in shell_commands("README.md") if "python3 -m venv" in command]
    found = loaded(ROOT / ".ci" / "readme_command.py").commands(text_of(ROOT / "README.md"))
    assert [found["demo"], found["test"]] == shown


def test_first_set_up_command_makes_the_example_county() -> None:
    found = loaded(ROOT / ".ci" / "readme_command.py").commands(text_of(ROOT / "README.md"))
    assert found["demo"].endswith("install -c constraints.txt . && .venv/bin/manyi demo my-county")


def test_second_set_up_command_runs_the_tests() -> None:
    found = loaded(ROOT / ".ci" / "readme_command.py").commands(text_of(ROOT / "README.md"))
    assert found["test"].endswith('install -c constraints.txt -e ".[test]" && .venv/bin/python -m pytest')


def test_chinese_readme_shows_the_same_commands() -> None:
    assert shell_commands("README.zh.md") == shell_commands("README.md")


def test_contributing_repeats_the_test_command() -> None:
    found = loaded(ROOT / ".ci" / "readme_command.py").commands(text_of(ROOT / "README.md"))
    assert found["test"] in text_of(ROOT / "CONTRIBUTING.md")


def test_chinese_readme_runs_the_same_python() -> None:
    english, chinese = (
        [re.sub(r"\s*#.*", "", shown.body) for shown in blocks("python", pages=(ROOT / page,))]
        for page in ("README.md", "README.zh.md")
    )
    assert chinese == english


# --- examples ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", blocks("yaml", "yaml standard"), ids=str)
def test_yaml_example_loads(shown: Block, tmp_path: Path) -> None:
    kind = next(iter(yaml.safe_load(shown.body)))
    if kind == "questionnaire":
        assert check_questionnaire(shown.body) == ()
    elif kind == "study":
        assert load_yaml_model(shown.body, Study, faulty=StudyFaulty).roles
    else:
        (tmp_path / "standard.yaml").write_text(shown.body, encoding="utf-8")
        assert load_standard("standard.yaml", tmp_path).standard == yaml.safe_load(shown.body)["standard"]


@pytest.mark.parametrize("shown", blocks("yaml plan"), ids=str)
def test_part_of_a_plan_loads(shown: Block) -> None:
    study = block("docs/study.md", "yaml").partition("analysis:")[0]
    assert load_yaml_model(study + shown.body, Study, faulty=StudyFaulty).analysis != Analysis()


def test_layer_example_is_read() -> None:
    national = unlayered(load_standard("national-2017"))
    assert read_layer(block("docs/schools.md", "yaml layer"), national, "layer.yaml").faults == ()


def test_every_yaml_example_is_tested() -> None:
    infos = [found["info"].strip() for page in PAGES for found in FENCE.finditer(text_of(page))]
    known = {"yaml", "yaml plan", "yaml standard", "yaml layer", "yaml faulty", "yaml mapping"}
    assert {info for info in infos if info.startswith("yaml")} == known


def test_mapping_example_is_what_the_import_leaves(caregivers: Path) -> None:
    file, mapping = caregivers / "caregivers.csv", caregivers / "caregivers.csv.yaml"
    columns = {
        "Code of the school": ["0102", "0103"],
        "I often check the homework, on the whole.": ["never", "often"],
        "I read with my child.": ["sometime", "always"],
        "I trust the school.": ["fully", "7"],
        "came to meetings": ["1", "0"],
        "came to the sports day": ["0", "1"],
        "Remarks of the enumerator": ["a", "b"],
    }
    pd.DataFrame(columns).to_csv(file, index=False, encoding="utf-8")
    mapping.write_text(block("docs/import.md", "yaml mapping"), encoding="utf-8")
    questionnaire = load_questionnaire(caregivers / "instruments" / "caregivers.yaml")
    role = Role.model_validate({"title": {"en": "x"}, "questionnaire": "x"})
    import_answers([file], questionnaire, role, "caregivers", language="en", mappings={file: mapping})
    assert mapping.read_text(encoding="utf-8") == block("docs/import.md", "yaml mapping")


def test_faulty_example_gives_the_messages_shown(tmp_path: Path, run_manyi: Callable[..., Any]) -> None:
    (tmp_path / "pupils.yaml").write_text(block("docs/questionnaire.md", "yaml faulty"), encoding="utf-8")
    done = run_manyi("check", "pupils.yaml", "--lang", "en", cwd=tmp_path)
    shown = block("docs/questionnaire.md", "text")
    # Places are shown with the path the file was asked for.
    assert done.err.replace(f"{tmp_path}/", "").replace("\r\n", "\n") == shown
    assert done.code == 1


def test_faulty_example_has_as_many_faults_as_the_text_says() -> None:
    assert "eleven faults" in text_of(ROOT / "docs" / "questionnaire.md")
    assert len(check_questionnaire(block("docs/questionnaire.md", "yaml faulty"))) == 11


@pytest.fixture
def caregivers(tmp_path: Path) -> Path:
    """Return the study folder that three pages describe together."""
    folder = tmp_path / "caregivers"
    (folder / "instruments").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "instruments" / "caregivers.yaml").write_text(
        block("docs/questionnaire.md", "yaml"), encoding="utf-8"
    )
    (folder / "study.yaml").write_text(block("docs/study.md", "yaml"), encoding="utf-8")
    schools = "School code,School,Share of boarders,Books per pupil\n0102,East,0.2,21\n0103,West,0.6,14\n"
    (folder / "data" / "schools.csv").write_text(schools, encoding="utf-8")
    return folder


def test_examples_fit_together(caregivers: Path) -> None:
    assert manyi.open(caregivers).check() == ()


def test_a_wrong_name_in_the_plan_would_be_found(caregivers: Path) -> None:
    plan = (caregivers / "study.yaml").read_text(encoding="utf-8").replace("library]", "librery]")
    (caregivers / "study.yaml").write_text(plan, encoding="utf-8")
    assert [fault.code for fault in manyi.open(caregivers).check()] == ["plan-unknown-variable"]


@pytest.fixture
def ingested(caregivers: Path, run_manyi: Callable[..., Any]) -> tuple[Path, str]:
    file = caregivers.parent / "caregivers.csv"
    file.write_text(block("docs/import.md", "csv"), encoding="utf-8")
    done = run_manyi("ingest", caregivers, file, "--role", "caregivers", "--lang", "en")
    assert done.code == 0, done.err
    return caregivers, done.out


def test_import_example_has_the_account_shown(ingested: tuple[Path, str]) -> None:
    assert ingested[1].splitlines() == block("docs/import.md", "text").splitlines()


def test_import_example_sets_aside_what_is_shown(ingested: tuple[Path, str]) -> None:
    listed = pd.read_parquet(ingested[0] / "results" / "work" / "import-caregivers" / "quarantine.parquet")
    told = [f"{row.item}: {row.reason}" if row.item else row.reason for row in listed.itertuples()]
    assert told == block("docs/import.md", "text", 1).splitlines()


@pytest.fixture(scope="module")
def school_example(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("schools") / "schools.csv"
    path.write_text(block("docs/schools.md", "csv"), encoding="utf-8")
    return read_schools(path, Schools(), load_standard("national-2017"))


def test_school_example_is_divided_as_the_text_says(school_example: Any) -> None:
    evaluated = evaluate_schools(school_example.frame, load_standard("national-2017")).indicators.to_frame()
    r6 = evaluated[(evaluated["school"] == "0199000002") & (evaluated["indicator"] == "R6")]["value"]
    text = text_of(ROOT / "docs" / "schools.md")
    assert [f"{value:.2f}" for value in r6] == re.findall(r"R6\s+=\s+(\d+\.\d\d)", text)


def test_total_of_the_school_example_is_set_aside(school_example: Any) -> None:
    assert school_example.quarantine["code"].tolist() == ["school-total-row"]


def code_repairs() -> list[tuple[str, str]]:
    rows = re.findall(r"^\| (`[^|]+) \| ([^|]+) \|$", prose(ROOT / "docs" / "schools.md"), flags=re.MULTILINE)
    table = [(written, becomes) for written, becomes in rows if re.search(r"`'?\d[\d.E+]+`", written)]
    return [(code, becomes) for written, becomes in table for code in re.findall(r"`([^`]+)`", written)]


@pytest.mark.parametrize(("written", "becomes"), code_repairs())
def test_codes_are_repaired_as_shown(written: str, becomes: str) -> None:
    repaired = repair_code(written, 10)
    if "cannot be repaired" in becomes:
        assert repaired.reason == "school-code-rounded"
    else:
        assert (repaired.code, repaired.reason) == (re.findall(r"`(\d+)`", becomes)[0], "")


def test_code_repairs_are_found_at_all() -> None:
    assert len(code_repairs()) == 5


@pytest.fixture
def county(demo_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the example county as the examples call it, beside which they run."""
    shutil.copytree(demo_study, tmp_path / "my-county")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "my-county"


@pytest.mark.parametrize(
    "shown", blocks("python", pages=(ROOT / "README.md", ROOT / "README.zh.md")), ids=str
)
def test_python_of_the_readme_runs(shown: Block, county: Path) -> None:
    names: dict[str, Any] = {}
    exec(compile(shown.body, str(shown), "exec"), names)
    ledger = names["study"].results["ledger"].to_frame()
    received = ledger.query("role == 'parents' and step == 'received'")["n"].item()
    assert len(names["study"].answers("parents")) == received


def test_python_of_the_school_page_copies_the_standard(county: Path) -> None:
    exec(compile(block("docs/schools.md", "python"), "schools.md", "exec"), {})
    assert load_standard("instruments/our-standard.yaml", county) == load_standard("national-2017")
