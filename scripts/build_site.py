"""Build the documentation's site: the README, the pages in docs/, and a page for each rule.

Usage: ``python scripts/build_site.py``, with the extra ``docs``. The pages are written to ``build/site-source`` and the
site to ``build/site``, as ``zensical.toml`` says. A link to a page or heading that is not there ends it with code 1.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import groupby, pairwise
from pathlib import Path

from hpolint.model.rule import CATEGORIES, FENCE, Rule
from hpolint.model.rule_page import fix_kind, levels, rule_page
from hpolint.registry import builtin_rules

ROOT = Path(__file__).resolve().parent.parent
REPOSITORY = "https://github.com/hpolint/hpolint/blob/main/"
LINK = re.compile(r"(?<=\]\()([^)\s]+)(?=\))")
LANGUAGE = re.compile(r"^(````*\w+) [^`\n]*$", re.MULTILINE)


def pages() -> dict[str, str]:
    """Every page of the site by its path, which is the one of its file in the repository but for the README's."""
    written = {"README.md": "index.md"} | {path: path for path in _docs()}
    made = {"rules/index.md": rules_index(), **{f"rules/{rule.id}.md": _shown(rule) for rule in builtin_rules()}}
    homes = written | {path: path for path in made} | {"rules": "rules/index.md"}
    texts = {path: linked((ROOT / path).read_text("utf-8"), path, homes) for path in written}
    return {homes[path]: text for path, text in texts.items()} | made


def _docs() -> list[str]:
    """The documents, and their pictures."""
    found = (path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.*"))
    return sorted(path for path in found if path.endswith((".md", ".svg")))


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

    return _outside_of_blocks(text, lambda part: LINK.sub(target, part))


def _outside_of_blocks(text: str, change: Callable[[str], str]) -> str:
    """The text, changed but for its fenced blocks."""
    ends = [0, *(place for block in FENCE.finditer(text) for place in block.span()), len(text)]
    parts = [text[start:end] for start, end in pairwise(ends)]
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


FINDS = {
    "launch": "What the service refuses, or fails minutes after launch",
    "sdk": "What the SageMaker SDK drops or changes without a word",
    "script": "What the training script makes of the job",
    "strategy": "How the trials are spent",
    "scale": "How the ranges are searched",
    "compute": "What the trials run on, and for how long",
    "policy": "What an organisation demands",
    "hygiene": "Files and comments that do not do what they say",
}
"""What the rules of each category find."""


def rules_index() -> str:
    """All rules by what they find."""
    lines = ["# Rules", "", "By what they find. `hpolint rule NAME` prints the same pages."]
    for category, rules in groupby(sorted(builtin_rules(), key=_order), key=lambda rule: rule.category):
        lines += ["", f"## {FINDS[category]}", "", f"`{category}`", ""]
        lines += ["| what it finds | level | default | fix | rule |", "|---|---|---|---|---|"]
        lines += [_row(rule) for rule in rules]
    return "\n".join(lines) + "\n"


def _order(rule: Rule) -> tuple[int, str]:
    return CATEGORIES.index(rule.category), rule.name


def _row(rule: Rule) -> str:
    default = "on" if rule.is_on else "off"
    return f"| {rule.summary} | {levels(rule)} | {default} | {fix_kind(rule)} | [{rule.name}]({rule.id}.md) |"


def _shown(rule: Rule) -> str:
    """The rule's page. Of what stands after a block's fence it has the language alone: zensical takes no more."""
    return LANGUAGE.sub(r"\1", rule_page(rule))


def build(folder: Path) -> int:
    """Write the pages below a folder that holds a ``zensical.toml``, and make the site there; zensical's exit code."""
    source = folder / "build" / "site-source"
    shutil.rmtree(source, ignore_errors=True)
    for name, text in pages().items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    # Without --clean it takes pages that have not changed from its cache, whatever they link to.
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(build(ROOT))
