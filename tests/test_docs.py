"""What the documents show is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from hpolint.model.forms import SEARCHED_SUFFIXES, SUFFIXES
from hpolint.model.rule import Rule
from hpolint.model.rule_page import SITE
from hpolint.registry import builtin_rules
from hpolint.run.rule_tests import run_tests
from scripts.build_site import REPOSITORY
from scripts.generate import generated, paths, updated_snapshots
from scripts.generate_examples import MARKED, documents
from tests.conftest import ROOT, Command

README = (ROOT / "README.md").read_text("utf-8")
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAX_README_LINES = 130


def blocks(language: str, text: str = README) -> list[str]:
    """The fenced blocks of a language in a page; by default, in the README."""
    return [block for words, block in BLOCK.findall(text) if words == language]


def test_a_reader_of_the_readme_needs_two_minutes() -> None:
    """Everything else is on the pages in docs/."""
    assert len(README.splitlines()) <= MAX_README_LINES


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.name)
def test_what_a_page_takes_from_the_code_is_up_to_date(path: Path) -> None:
    """Tables, the CLI reference, the imports and all output: ``python -m scripts.generate`` rewrites them."""
    assert path.read_text("utf-8") == generated(path)


@pytest.mark.parametrize(("body", "code"), [("assert True", 0), ("assert False, 'broken'", 1), ("][", 2)])
def test_a_failure_while_snapshots_are_updated_is_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], body: str, code: int
) -> None:
    """Whoever generates the documentation sees the tests that failed, and the command fails with their exit code."""
    (tmp_path / "test_it.py").write_text(f"def test_it(snapshot):\n    {body}\n    snapshot.assert_match('a', 'a')\n")
    assert updated_snapshots(str(tmp_path / "test_it.py")) == code
    shown = capfd.readouterr()
    assert (f"exit code {code}" in shown.err) == ("test_it" in shown.out) == bool(code)


DRAWN = {"docs/architecture.md": 1, "docs/cli.md": 12}
"""Blocks of text that are no output: the pipeline, and the usage lines of the commands, which are generated."""


def test_all_output_that_the_documentation_shows_is_generated() -> None:
    """A block of text or Markdown has a comment that names its source for the generator."""
    for path in documents():
        text, name = path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
        marked = [each for each in MARKED.finditer(text) if each["language"] in ("text", "markdown")]
        shown = [*blocks("text", text), *blocks("markdown", text)]
        assert len(shown) - len(marked) == DRAWN.get(name, 0), name
        assert all(each["kind"] != "file" and each["text"] for each in marked), name
    assert MARKED.search(README)


def test_the_readmes_command_prints_the_finding_that_it_shows() -> None:
    """``hpolint check fixtures`` finds it, as in the file alone."""
    printed = Command(ROOT)("check", "fixtures", "--all").stdout.decode()
    for block in blocks("text"):
        assert block in printed


FOREIGN = {"--cli-input-json", "--cli-input-yaml", "--generate-cli-skeleton"}
"""Options of the AWS CLI."""


def test_the_options_that_the_documentation_names_exist() -> None:
    """Every one is an option of some command."""
    inside = Command(ROOT)
    names = ("check", "rules", "rule", "cost", "diff", "config", "extract", "test", "waiver")
    commands = ((), *((name,) for name in names))
    option = r"--[a-z][a-z_-]*"
    known = {found for command in commands for found in re.findall(option, inside(*command, "--help").stdout.decode())}
    for path in documents():
        prose = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.M | re.S)
        if path.name == "coverage.md":
            prose = re.sub(r"^\|.*$", "", prose, flags=re.M)  # its tables quote options of training scripts
        assert set(re.findall(rf"`({option})", prose)) - known - FOREIGN == set(), path.name


@pytest.mark.parametrize("text", [README, (DOCS / "ci.md").read_text("utf-8")], ids=["README", "ci"])
def test_the_workflow_and_hook_are_the_projects(text: str) -> None:
    """What users paste names hooks and inputs that the project has."""
    hook, workflow = blocks("yaml", text)
    (repository,) = yaml.safe_load(hook)["repos"]
    hooks = {each["id"] for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert {each["id"] for each in repository["hooks"]} <= hooks
    (use,) = [
        step for step in yaml.safe_load(workflow)["jobs"]["hpolint"]["steps"] if "hpolint/hpolint@" in step["uses"]
    ]
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    assert set(use["with"]) <= set(action["inputs"])


R = [".R", ".Rmd", ".qmd"]
SCRIPTS = [".sh", ".bash", "Makefile"]


def test_the_endings_of_files_are_the_same_everywhere() -> None:
    """The files that are read are those of the messages, the page and the hook; only the hook for fixes omits some."""
    page = (DOCS / "getting-started.md").read_text("utf-8")
    (listed,) = re.findall(r"these endings, [^:]*:([^.]*(?:\.\w[^.]*)*)\.\s", page)
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    checks, fixes = (re.compile(each["files"]) for each in hooks if "files" in each)
    assert re.findall(r"`([^`]+)`", listed) == list(SUFFIXES)
    assert sorted(each.lower() for each in SUFFIXES) == sorted(SEARCHED_SUFFIXES)
    assert [each for each in SUFFIXES if checks.search(f"a/tune{each}") is None] == []
    assert [each for each in SUFFIXES if fixes.search(f"a/tune{each}") is None] == [*R, *SCRIPTS, ".json.gz"]
    assert not checks.search("notes.md")


@pytest.mark.parametrize("name", ["README.md", "docs/configuration.md"])
def test_the_configuration_that_a_page_shows_is_valid(hpolint: Command, name: str) -> None:
    """Who pastes it gets no error."""
    (first, *_) = blocks("toml", (ROOT / name).read_text("utf-8"))
    hpolint.write("hpolint.toml", first)
    run = hpolint("config")
    assert (run.returncode, run.stderr) == (0, b"")


def test_the_readmes_links_lead_to_files() -> None:
    """Of the repository, and to rules that exist."""
    links = re.findall(r"\]\((https://[^)\s]+)\)", README)
    ids = {rule.id for rule in builtin_rules()}
    assert all((ROOT / link.removeprefix(REPOSITORY)).exists() for link in links if link.startswith(REPOSITORY))
    rules = [link.removeprefix(f"{SITE}rules/").strip("/") for link in links if link.startswith(SITE)]
    assert set(rules) - {""} <= ids
    assert all(link.startswith((REPOSITORY, SITE)) for link in links)


DEVELOPER_PAGES = [ROOT / "CONTRIBUTING.md", DOCS / "architecture.md", *sorted(DOCS.glob("decisions/*.md"))]


@pytest.mark.parametrize("page", DEVELOPER_PAGES, ids=lambda path: path.name)
def test_the_files_that_a_page_for_developers_names_exist(page: Path) -> None:
    """Files and folders, by their paths in the package or the repository."""
    named = re.findall(r"`([\w./-]+(?:/|\.(?:py|json|yaml)))`", page.read_text("utf-8"))
    assert named or page.parent.name == "decisions"
    assert [each for each in named if not (ROOT / "hpolint" / each).exists() and not (ROOT / each).exists()] == []


RULE = re.compile(r"`((?:compute|hygiene|launch|policy|scale|script|sdk|strategy)/[a-z][\w-]*)`")


@pytest.mark.parametrize("page", [*DOCS.rglob("*.md"), *ROOT.glob("*.md")], ids=lambda path: path.name)
def test_the_rules_that_a_page_names_exist(page: Path) -> None:
    """Who looks one up finds it."""
    assert set(RULE.findall(page.read_text("utf-8"))) <= {rule.id for rule in builtin_rules()}


def test_the_rule_that_the_docs_show_is_one(tmp_path: Path) -> None:
    """Who pastes it has a rule that is sound, and whose examples pass."""
    (sample,) = re.findall(r"^````markdown\n(.*?)^````$", (DOCS / "rules.md").read_text("utf-8"), re.M | re.S)
    path = tmp_path / "scale" / "sample.md"
    path.parent.mkdir()
    path.write_text(sample, "utf-8")
    tested = run_tests([path])
    assert (tested.errors, tested.examples) == ([], 3)


def test_the_changelog_speaks_of_this_version() -> None:
    """A release says what changed for its users."""
    from hpolint import __version__

    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_rule_says_its_sources() -> None:
    """A fact about the service can be looked up."""

    def sourced(rule: Rule) -> bool:
        return all(source.startswith("https://") for source in rule.sources) and bool(rule.sources)

    assert all(sourced(rule) for rule in builtin_rules())
