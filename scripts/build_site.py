"""Build the documentation's site: a landing page, the pages in docs/, a page for each rule, and the schema of settings.

Usage: ``python scripts/build_site.py``, with the extra ``docs``. The pages are written to ``build/site-source`` and the
site to ``build/site``. The settings are those of ``zensical.toml`` with the navigation of this module. The exit code is
1 if a link leads to a page or heading that does not exist.
"""

from __future__ import annotations

import json
import posixpath
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from hpolint.config.schema import config_schema
from hpolint.editor.range_pictures import IMAGE, picture_text, range_picture
from hpolint.model.rule import CATEGORIES, FENCE, Rule
from hpolint.model.rule_page import fix_kind, levels, rule_page
from hpolint.registry import builtin_rules

ROOT = Path(__file__).resolve().parent.parent
REPOSITORY = "https://github.com/hpolint/hpolint/blob/main/"
LINK = re.compile(r"(?<=\]\()([^)\s]+)(?=\))")
MEASURED = re.compile(r"^## Measured\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
LANGUAGE = re.compile(r"^(````*\w+) [^`\n]*$", re.MULTILINE)


NAVIGATION: dict[str, tuple[str, ...]] = {
    "Start": ("index.md", "docs/getting-started.md", "docs/editors.md"),
    "Formats": ("docs/formats.md",),
    "Rules": ("rules/index.md", "docs/fixes.md", "docs/suppressions.md", "rules"),
    "Configuration": ("docs/configuration.md",),
    "Policies": ("docs/policies.md", "docs/enforcement.md", "docs/rules.md"),
    "CI": ("docs/ci.md", "docs/scale.md"),
    "Costs": ("docs/cost.md",),
    "Reference": (
        "docs/cli.md",
        "docs/facts.md",
        "docs/coverage.md",
        "docs/evidence.md",
        "docs/evidence-details.md",
        "docs/comparison.md",
        "docs/benchmarks.md",
    ),
    "Internals": ("docs/architecture.md", "docs/decisions"),
}
"""The sections of the site in the order of a reader, with their pages. A folder stands for the pages in it."""

ASSETS = ("docs/site/site.css", "docs/site/filter.js")
LANDING = "docs/index.md"
SCHEMA = "hpolint.schema.json"
"""The schema of configuration files, for editors."""
ADDRESSES = {"docs/rules.md": "rules/writing.md"}
"""Where the site has pages whose own names would be taken. The others in docs/ are at its root."""

FRONT_MATTER = "---\ntitle: hpolint\nhide: [toc]\n---\n"
COMMENT = re.compile(r"^<!--.*?-->\n", re.MULTILINE)


def pages() -> dict[str, str]:
    """Every page and drawing of the site by its path there."""
    made = {"rules/index.md": rules_index(), **{f"rules/{rule.id}.md": _shown(rule) for rule in builtin_rules()}}
    homes = {path: _home(path) for path in (*_docs(), *_photos(), *made)}
    homes |= {LANDING: "index.md", "README.md": "index.md", "rules": "rules/index.md"}
    texts = {homes[path]: linked((ROOT / path).read_text("utf-8"), path, homes) for path in _docs()}
    texts["index.md"] = FRONT_MATTER + texts["index.md"]
    drawings = {f"rules/{rule.id}.svg": drawing for rule in builtin_rules() if (drawing := range_drawing(rule))}
    return texts | made | drawings


def _docs() -> list[str]:
    """The documents, and their pictures."""
    found = (path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.*"))
    return sorted(path for path in found if path.endswith((".md", ".svg")))


def _photos() -> list[str]:
    """The pictures of screens in the documents."""
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.png"))


def _home(path: str) -> str:
    """Where the site has a file of the repository."""
    return ADDRESSES.get(path, path.removeprefix("docs/"))


def navigation() -> list[Any]:
    """The sections as zensical takes them. A section of one page is that page."""
    return [
        _home(paths[0]) if len(paths) == 1 else {section: [each for path in paths for each in _entries(path)]}
        for section, paths in NAVIGATION.items()
    ]


def _entries(path: str) -> list[Any]:
    """A page, or the pages of a folder."""
    if path == "rules":
        return _rule_sections()
    if path == "docs/decisions":
        decisions = [_home(each) for each in _docs() if each.startswith(f"{path}/0")]
        return [{"Decisions": [_home(f"{path}/README.md"), *decisions]}]
    return [{"All rules": path} if path == "rules/index.md" else _home(path)]


def _rule_sections() -> list[Any]:
    """The pages of the rules by category."""
    by_category = groupby(sorted(builtin_rules(), key=_order), key=lambda rule: rule.category)
    return [{category: [{rule.name: f"rules/{rule.id}.md"} for rule in rules]} for category, rules in by_category]


def linked(text: str, path: str, homes: dict[str, str]) -> str:
    """A page's text with links to where the site has them, and else to the repository.

    ``homes`` says for the paths in the repository where the site has the page.
    """
    folder = posixpath.dirname(homes[path])

    def target(match: re.Match[str]) -> str:
        place, hash_, heading = match[1].partition("#")
        if place.startswith(REPOSITORY):
            place = place.removeprefix(REPOSITORY)
        elif not place or ":" in place:
            return match[1]
        else:
            place = posixpath.normpath(posixpath.join(posixpath.dirname(path), place))
        home = homes.get(place.rstrip("/"))
        return (posixpath.relpath(home, folder or ".") if home else f"{REPOSITORY}{place}") + hash_ + heading

    return _outside_of_blocks(text, lambda part: LINK.sub(target, COMMENT.sub("", part)))


def _outside_of_blocks(text: str, change: Callable[[str], str]) -> str:
    """The text, changed but for its fenced blocks."""
    ends = [0, *(place for block in FENCE.finditer(text) for place in block.span()), len(text)]
    parts = [text[start:end] for start, end in pairwise(ends)]
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


FINDS = {
    "launch": "Launch errors",
    "sdk": "SageMaker SDK",
    "script": "Training script",
    "strategy": "Search strategy",
    "scale": "Ranges and scales",
    "compute": "Instances and runtime",
    "policy": "Organisation policies",
    "hygiene": "Suppressions and unreadable files",
}
"""The heading of each category."""
ABOUT = {
    "launch": "The service rejects the request, or the job fails within minutes of its launch.",
    "sdk": "The SageMaker SDK discards or changes a setting without an error.",
    "script": "The job and its training script do not fit together.",
    "strategy": "The search spends its trials badly.",
    "scale": "A range or its scale makes the search less effective.",
    "compute": "The instances cost more than necessary or do not fit the algorithm.",
    "policy": "The job breaks a rule of your organisation. Off until you select or configure them.",
    "hygiene": "A file cannot be read, or a suppression has no effect.",
}
"""What the rules of each category find."""


def rules_index() -> str:
    """All rules by category."""
    rules = sorted(builtin_rules(), key=_order)
    lines = [
        "# Rules",
        "",
        f"hpolint has {len(rules)} rules in {len(FINDS)} categories. `hpolint rule NAME` prints the page of a rule.",
        "[Configuration](../configuration.md#which-rules-run) describes how to select rules, and",
        "[Fixes](../fixes.md) what *safe* and *unsafe* mean.",
    ]
    for category, members in groupby(rules, key=lambda rule: rule.category):
        lines += ["", f"## {FINDS[category]}", "", f"`{category}`: {ABOUT[category]}", ""]
        lines += ['<div class="rules" markdown>', ""]
        lines += ["| Rule | Finding | Level | Fix | Default |", "|---|---|---|---|---|"]
        lines += [*map(_row, members), "", "</div>"]
    return "\n".join(lines) + "\n"


def _order(rule: Rule) -> tuple[int, str]:
    return CATEGORIES.index(rule.category), rule.name


def _row(rule: Rule) -> str:
    default = "on" if rule.is_on else "off"
    return f"| [{rule.name}]({rule.id}.md) | {rule.summary} | {levels(rule)} | {fix_kind(rule)} | {default} |"


def _shown(rule: Rule) -> str:
    """The rule's page. Of what stands after a block's fence it has the language alone: zensical takes no more."""
    return LANGUAGE.sub(r"\1", _with_range(rule, _with_pictures(rule.id, rule_page(rule))))


def range_drawing(rule: Rule) -> str:
    """Where the trials of a rule's first example lie on each scale, as SVG; empty for other examples than of a range.

    Editors draw the same picture of a job's ranges.
    """
    example = _range_example(rule)
    if not example:
        return ""
    low, high = float(example["MinValue"]), float(example["MaxValue"])
    return range_picture(example["Name"], low, high, example.get("ScalingType"), IMAGE)


def _range_example(rule: Rule) -> dict[str, str]:
    """The range of a rule's first example; empty if it is something else."""
    example = next(iter(rule.examples), None)
    if example is None or rule.category != "scale" or example.words != ("json",):
        return {}
    found: dict[str, str] = json.loads(example.text)
    return found if {"MinValue", "MaxValue"} <= found.keys() else {}


def _with_range(rule: Rule, page: str) -> str:
    """A page with the picture of its first example's range below it."""
    example = _range_example(rule)
    if not example:
        return page
    start = page.index("\n```\n", page.index("### Found\n")) + len("\n```\n")
    text = picture_text(example["Name"], float(example["MinValue"]), float(example["MaxValue"]))
    return f"{page[:start]}\n![{text}]({rule.name}.svg)\n{page[start:]}"


def _with_pictures(rule: str, page: str) -> str:
    """A rule's page with the pictures of its experiments at the end of its section "Measured".

    The page itself has none: `hpolint rule` and SARIF show it as text.
    """
    parts = tomllib.loads((ROOT / "evidence" / "measured.toml").read_text("utf-8")).get(rule, [])
    names = dict.fromkeys(name for part in parts for name in part.get("pictures", [part["experiment"]]))
    shown = "".join(f"![{name.replace('-', ' ')}](../../evidence/{name}.svg)\n\n" for name in names)
    return MEASURED.sub(lambda match: match[0] + shown, page, count=1)


def build(folder: Path) -> int:
    """Build the site below ``folder``, which holds a ``zensical.toml``. Return the exit code of zensical."""
    work = folder / "build"
    shutil.rmtree(work / "site-source", ignore_errors=True)
    texts = pages() | {f"assets/{Path(path).name}": (ROOT / path).read_text("utf-8") for path in ASSETS}
    texts[SCHEMA] = json.dumps(config_schema(), ensure_ascii=False)
    for name, text in texts.items():
        path = work / "site-source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for picture in _photos():
        shutil.copy(ROOT / picture, work / "site-source" / _home(picture))
    settings = (folder / "zensical.toml").read_text("utf-8")
    (work / "zensical.toml").write_text(settings.replace("nav = []", f"nav = {_toml(navigation())}"), "utf-8")
    # Without --clean zensical takes unchanged pages from its cache and does not check their links again.
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    return subprocess.run(command, cwd=work, check=False).returncode


def _toml(value: Any) -> str:
    """Lists, tables and strings as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_toml(each)}" for name, each in value.items()) + "}"
    return f"[{', '.join(map(_toml, value))}]" if isinstance(value, list) else json.dumps(value)


if __name__ == "__main__":
    sys.exit(build(ROOT))
