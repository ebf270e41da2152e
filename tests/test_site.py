"""The documentation's site has a page for each rule, where the reports link to."""

from __future__ import annotations

import json
import re
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from hpolint.model.rule import CATEGORIES
from hpolint.model.rule_page import SITE, fix_kind, page_url, rule_page
from hpolint.registry import builtin_rules
from scripts.build_site import ABOUT, FINDS, REPOSITORY, SCHEMA, build, linked, navigation, pages
from tests.conftest import ROOT

PICTURE = re.compile(r"^!\[.*\]\(.*\)\n\n", re.MULTILINE)
ADDRESS = re.compile(rf"{re.escape(SITE)}[\w./-]*")
WITH_ADDRESSES = {".md", ".py", ".ts", ".toml"}
PICTURE_PATH = re.compile(r"^!\[.*\]\(\.\./\.\./(.*)\)$", re.MULTILINE)


def test_every_rule_has_a_complete_page() -> None:
    """Levels, default, options, fix, sources and since, and the text of its file."""
    made = pages()
    for rule in builtin_rules():
        page = made[f"rules/{rule.id}.md"]
        assert page.startswith(f"# {rule.id}\n\n{rule.summary}.\n")
        for fact in (
            f"Level: {' or '.join(rule.levels)}.",
            f"Default: {'on' if rule.is_on else 'off'}",
            f"Precision: {rule.precision}.",
            f"Fix: {fix_kind(rule)}.",
            f"Since {rule.since}.",
            *(f"\n- {source}\n" for source in rule.sources),
            *(example.text for example in rule.examples),
        ):
            assert fact in page
        own = page.partition("\n## Measured\n")[0] + page.partition("\n## Examples\n")[2]  # whose tables are results
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in own.splitlines() if line.startswith("| ")]
        defaults = {
            name: f"required: {option.kind}" if name in rule.required_options else json.dumps(option.default)
            for name, option in rule.options.items()
        }
        options = [[f"`{name}`", defaults[name], option.help] for name, option in rule.options.items()]
        assert rows[1:] == options
        assert f"]({rule.id}.md)" in made["rules/index.md"]


def test_the_rules_are_listed_by_what_they_find() -> None:
    """Each category that has a rule is a heading that says so, in the order that the categories have."""
    used = {rule.category for rule in builtin_rules()}
    headings = [line[3:] for line in pages()["rules/index.md"].splitlines() if line.startswith("## ")]
    assert headings == [FINDS[category] for category in CATEGORIES if category in used]


def test_every_category_is_described() -> None:
    """The index of rules has a heading and a sentence for each."""
    assert set(FINDS) == set(ABOUT) == set(CATEGORIES)


def test_every_page_has_its_place_in_the_navigation() -> None:
    """Once, in the order of the reader: the landing page first, the decisions last."""

    def flat(entry: Any) -> list[str]:
        if isinstance(entry, dict):
            entry = list(entry.values())
        return [entry] if isinstance(entry, str) else [path for each in entry for path in flat(each)]

    paths = flat(navigation())
    assert sorted(paths) == sorted(path for path in pages() if path.endswith(".md"))
    assert paths[0] == "index.md"
    assert paths[-1].startswith("decisions/")


def test_the_landing_page_is_not_the_readme() -> None:
    """It leads to the pages, and shows no commands of the repository."""
    landing = pages()["index.md"]
    assert landing.count("\n") < 80
    assert "pip install" not in landing


def test_a_page_is_what_the_command_prints() -> None:
    """To the letter, but for pictures, where no block has more than its language after the fence."""
    made = pages()
    for rule in builtin_rules():
        if all(len(example.words) < 2 for example in rule.examples):
            assert PICTURE.sub("", made[f"rules/{rule.id}.md"]) == rule_page(rule)


def test_the_pictures_of_a_rule_are_on_its_page_and_in_the_site() -> None:
    """The page of a measured rule shows those that `python -m evidence pages` draws."""
    made = pages()
    shown = {path for name, text in made.items() if name.startswith("rules/") for path in PICTURE_PATH.findall(text)}
    assert "evidence/trials-and-time.svg" in shown
    assert shown <= made.keys()


def test_a_rule_about_scales_shows_where_trials_lie() -> None:
    """Below its first example, in the picture that editors draw of a job's ranges."""
    made = pages()
    page = made["rules/scale/linear-learning-rate.md"]
    assert "](linear-learning-rate.svg)" in page[page.index("### Found") : page.index("### Clean")]
    drawings = {name for name in made if name.startswith("rules/") and name.endswith(".svg")}
    assert drawings == {name for name in drawings if f"]({name.rpartition('/')[2]})" in made[f"{name[:-4]}.md"]}
    assert made["rules/scale/linear-learning-rate.svg"].count("<circle") == 60


def test_every_address_of_the_site_that_is_written_down_is_there() -> None:
    """Rules, commands and extensions lead to pages that exist."""
    addresses = {SITE + re.sub(r"/?(?:index|README)?\.md$", "", path) for path in pages()} | {SITE.rstrip("/")}
    addresses |= {f"{SITE}{path.name}" for path in (*(ROOT / "docs").glob("*.png"), Path(SCHEMA))}
    folders = ("docs", "rules", "hpolint", "evidence", "editors/vscode/src")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.*") if path.suffix in WITH_ADDRESSES]
    files += [ROOT / name for name in ("README.md", "editors/vscode/README.md", "editors/vscode/package.json")]
    for path in files:
        for address in ADDRESS.findall(path.read_text("utf-8")):
            assert address.rstrip("/") in addresses, path


def test_links_stay_within_the_site_where_it_has_the_page() -> None:
    """Those of the README to the repository too; what the site has not is the repository's, and code is left alone."""
    homes = {"README.md": "index.md", "docs/a.md": "docs/a.md", "rules": "rules/index.md"}
    text = f"[a]({REPOSITORY}docs/a.md#x) [b]({REPOSITORY}rules) [c](LICENSE) [d](#here) [e](https://f)"
    shown = f"[a](docs/a.md#x) [b](rules/index.md) [c]({REPOSITORY}LICENSE) [d](#here) [e](https://f)"
    block = "```text\n[c](LICENSE)\n```"
    assert linked(f"{text}\n{block}\n{text}", "README.md", homes) == f"{shown}\n{block}\n{shown}"
    assert linked("| a |\n<!-- end -->\n\ntext\n", "README.md", homes) == "| a |\n\ntext\n"
    assert (
        linked("[r](../README.md) [s](../x/y.json)", "docs/a.md", homes)
        == f"[r](../index.md) [s]({REPOSITORY}x/y.json)"
    )


@pytest.mark.skipif(find_spec("zensical") is None, reason="zensical is not installed: the extra docs brings it")
def test_the_site_is_built_without_a_complaint(tmp_path: Path) -> None:
    """Every link leads to a page and a heading, and each rule's page is at the address that the reports give."""
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    assert build(tmp_path) == 0
    for rule in builtin_rules():
        page = tmp_path / "build" / "site" / page_url(rule).removeprefix(SITE) / "index.html"
        assert f'<link rel="canonical" href="{page_url(rule)}"' in page.read_text("utf-8").replace("'", '"')
    index = (tmp_path / "build" / "site" / "rules" / "index.html").read_text("utf-8")
    assert "assets/filter.js" in index
    assert "assets/site.css" in index
