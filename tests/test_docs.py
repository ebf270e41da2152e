"""What the documents show is what happens."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from hpolint.model.rule import VERDICTS, Rule
from hpolint.registry import builtin_rules
from hpolint.registry.policies import load_rules
from scripts.generate_docs import pages
from tests.conftest import ROOT, Command
from tests.diff.repositories import Repository
from tests.registry.test_rules import judge

README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    """The README's fenced blocks of a language."""
    return [text for words, text in BLOCK.findall(README) if words == language]


def test_the_output_that_the_readme_shows_is_real() -> None:
    """Findings and table, to the letter."""
    inside = Command(ROOT)
    *findings, table = blocks("text")
    printed = inside("check", "fixtures", "--all").stdout.decode()
    for block in "\n\n".join(findings).split("\n\n"):
        assert block.strip("\n") in printed
    lines = {" ".join(line.split()) for line in inside("rules").stdout.decode().splitlines()}
    assert {" ".join(line.split()) for line in table.splitlines()} <= lines  # a longer name makes the columns wider


def test_the_readmes_options_exist() -> None:
    """Every option that is named is one of the command's."""
    inside = Command(ROOT)
    help_ = "".join(
        inside(*command, "--help").stdout.decode() for command in ((), ("check",), ("rules",), ("cost",), ("diff",))
    )
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.M | re.S)
    for option in set(re.findall(r"`(--[a-z-]+)", prose)) - {
        "--cli-input-json",
        "--cli-input-yaml",
        "--generate-cli-skeleton",
    }:
        assert option in help_, option


SESSIONS = re.findall(r"^```text session\n(.*?)^```$", README, re.M | re.S)


@pytest.mark.parametrize("session", SESSIONS, ids=["fixes", "cost"])
def test_the_sessions_that_the_readme_shows_are_real(tmp_path: Path, session: str) -> None:
    """Each command and what it prints, one after the other, on the fixtures."""
    shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures")
    inside = Command(tmp_path)
    for part in session.split("$ hpolint ")[1:]:
        command, _, printed = part.partition("\n")
        run = inside(*command.split())
        assert (run.stdout + run.stderr).decode() == printed, command


def test_the_pull_requests_summary_that_the_readme_shows_is_real(tmp_path: Path) -> None:
    """Of a change of 40 trials to 200, and of a cap that somebody writes."""
    (shown,) = re.findall(r"^```markdown\n(.*?)^```$", README, re.M | re.S)
    repository = Repository(tmp_path)
    for name in ("tune_churn.py", "dag_airflow.py"):
        repository.write(name, (ROOT / "fixtures" / "python" / name).read_bytes())
    repository.commit()
    for name, before, after in (("tune_churn.py", "max_jobs=40", "max_jobs=200"), ("dag_airflow.py", "7200", "3600")):
        text = (repository.folder / name).read_text("utf-8")
        assert before in text
        repository.write(name, text.replace(before, after))
    run = repository("diff", "HEAD", "--output", "markdown")
    assert run.stdout.decode() == shown


def test_the_workflow_and_hook_are_the_projects() -> None:
    """What users paste names the hook, and inputs and outputs that the action has."""
    hook, workflow = blocks("yaml")
    assert "- id: hpolint" in hook
    assert "- id: hpolint" in (ROOT / ".pre-commit-hooks.yaml").read_text()
    (use,) = [
        step for step in yaml.safe_load(workflow)["jobs"]["hpolint"]["steps"] if "hpolint/hpolint@" in step["uses"]
    ]
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    assert set(use["with"]) <= set(action["inputs"])
    named = set(re.findall(r"`([\w-]+)`", README.partition("Further inputs: ")[2].partition(". Without")[0])) - {"none"}
    assert named <= set(action["inputs"]) | set(action["outputs"])


def test_the_rules_language_is_documented_as_the_code_has_it() -> None:
    """Facts, names, scopes and observations: ``python scripts/generate_docs.py`` writes them anew."""
    for path, text in pages().items():
        assert path.read_text("utf-8") == text


def test_the_rule_that_the_docs_show_is_one(tmp_path: Path) -> None:
    """Who pastes it has a rule that is sound, and whose examples pass."""
    (sample,) = re.findall(r"^````markdown\n(.*?)^````$", (ROOT / "docs" / "rules.md").read_text("utf-8"), re.M | re.S)
    path = tmp_path / "scale" / "sample.md"
    path.parent.mkdir()
    path.write_text(sample, "utf-8")
    (rule,) = load_rules([tmp_path])
    verdicts = [judge(rule, example) for example in rule.examples]
    assert [("found" if found else "undecided" if open_ else "clean") for found, open_ in verdicts] == list(VERDICTS)


def test_the_changelog_speaks_of_this_version() -> None:
    """A release says what changed for its users."""
    from hpolint import __version__

    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_rule_says_its_sources() -> None:
    """A fact about the service can be looked up."""

    def sourced(rule: Rule) -> bool:
        return all(source.startswith("https://") for source in rule.sources) and bool(rule.sources)

    assert all(sourced(rule) for rule in builtin_rules())
