"""Write docs/facts.md from the dataclasses in hpolint/facts/ and their docstrings.

Usage: ``python scripts/generate_facts.py [--check]``. ``--check`` writes nothing and exits 1 if the
committed page is not what the code says.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/facts.md"
MODULES = ("space", "budget", "objective", "compute", "algorithm", "range")
HEAD = """# Facts

What a rule's condition can ask about beside the request itself. Made by `scripts/generate_facts.py` from the
docstrings in `hpolint/facts/`. A fact that an unknown value keeps from being told is not there, and leaves the
rules that need it undecided; null means that there is no such value.
"""
TAIL = """
## `role`

The conventional role of a parameter's name: `learning_rate`, `regularization` or `near_one`, and null for any other.
Names and their sources are in `hpolint/facts/data/roles.yaml`. An ambiguous name (`alpha`, `gamma`) has
the role that it has under the algorithm.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(section(name) for name in MODULES) + TAIL


def section(module: str) -> str:
    """The facts of one module: its dataclass, field by field."""
    tree = ast.parse((ROOT / f"hpolint/facts/{module}.py").read_text("utf-8"))
    facts = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name.endswith("Facts"))
    match = re.match(r"``(\w+)``[:.]?\s*(.*)", ast.get_docstring(facts) or "", re.DOTALL)
    assert match is not None
    about = " ".join(match[2].replace("``", "`").split())
    about = about[:1].upper() + about[1:]
    lines = [f"\n## `{match[1]}`", "", *([about, ""] if about else []), "| fact | type | |", "|---|---|---|"]
    for field, text in zip(facts.body, facts.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            kind = ast.unparse(field.annotation).replace(" | Unknown", "").replace("None", "null").replace("|", "or")
            words = " ".join(str(text.value.value).replace("``", "`").split())
            lines.append(f"| `{ast.unparse(field.target)}` | {kind} | {words} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    if "--check" in sys.argv[1:]:
        return 0 if TARGET.read_text("utf-8") == page() else 1
    TARGET.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
