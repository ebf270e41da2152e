"""Write what the documentation says of the rules' language from the code that declares it.

Usage: ``python scripts/generate_docs.py [--check]``. docs/facts.md is made from the classes in hpolint/facts/ and
their docstrings, the tables of docs/rules.md from the vocabulary and the kinds of observations, the table of
docs/configuration.md and the schema beside it from the configuration's keys. ``--check`` writes
nothing and exits 1 if a committed page is not what the code says.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from hpolint.config.keys import KEYS
from hpolint.config.schema import config_schema
from hpolint.model.observations import KINDS
from hpolint.registry.vocabulary import FACTS, SCOPES, WORDS

ROOT = Path(__file__).resolve().parent.parent
PAGES = {"facts": ROOT / "docs/facts.md", "rules": ROOT / "docs/rules.md", "config": ROOT / "docs/configuration.md"}
SCHEMA = ROOT / "docs/hpolint.schema.json"
HEAD = """# Facts

What a rule's condition can ask about beside the request itself. Made by `scripts/generate_docs.py` from the
docstrings in `hpolint/facts/`. A fact that an unknown value keeps from being told is not there, and leaves the
rules that need it undecided; null means that there is no such value.
"""
TAIL = """
## `role`

The conventional role of a parameter's name: `learning_rate`, `regularization`, `near_one`, `batch_size`, `width`,
`fraction`, `patience` or `depth`, and null for any other.
Names and their sources are in `hpolint/data/roles.yaml`. An ambiguous name (`alpha`, `gamma`) has
the role that it has under the algorithm.
"""


def facts_page() -> str:
    """docs/facts.md."""
    return HEAD + "".join(_section(name, facts) for name, facts in FACTS.items()) + TAIL


def rules_page(written: str) -> str:
    """docs/rules.md with its tables as the code has them."""
    for name, table in (("names", _names()), ("scopes", _scopes()), ("observations", _observations())):
        written = _between(written, name, table)
    return written


def _between(written: str, name: str, table: str) -> str:
    """A page with a table between the comments of that name."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, _, rest = written.partition(begin)
    return before + begin + table + end + rest.partition(end)[2]


def _keys() -> str:
    """The settings of a configuration file."""
    rows = []
    for name, key in KEYS.items():
        default = "" if key.default is None else f"`{json.dumps(key.default)}`"
        rows.append(f"| `{name}` | {default} | {key.help} |\n")
    return "| key | default | what it says |\n|---|---|---|\n" + "".join(rows)


def _section(name: str, facts: type) -> str:
    """The facts of one class, field by field."""
    about = re.sub(r"^``\w+``[:.]?\s*", "", _words(inspect.getdoc(facts) or ""))
    about = re.sub(r"^`\w+`[:.]?\s*", "", about)
    about = about[:1].upper() + about[1:]
    lines = [f"\n## `{name}`", "", *([about, ""] if about else []), "| fact | type | |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| `{field}` | {kind} | {words} |" for field, kind, words in _fields(facts))]) + "\n"


def _fields(cls: type) -> Iterator[tuple[str, str, str]]:
    """Each field of a class with its type and what its docstring says."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(tree, ast.ClassDef)
    for field, text in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            kind = ast.unparse(field.annotation).replace(" | Unknown", "").replace("None", "null").replace("|", "or")
            yield ast.unparse(field.target), kind, _words(str(text.value.value))


def _words(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def _names() -> str:
    """The names of the language."""
    rows = []
    for name, word in WORDS.items():
        scopes = [scope for scope, own in SCOPES.items() if name in own.names and scope != "source"]
        where = "all" if len(scopes) == len(SCOPES) - 1 else ", ".join(scopes) or "messages of rules with `group`"
        facts = f" [Its members](facts.md#{name})." if name in FACTS else ""
        rows.append(f"| `{name}` | {word.description}{facts} | {where} |\n")
    return "| name | what it is | in the scopes |\n|---|---|---|\n" + "".join(rows)


def _scopes() -> str:
    rows = [f"| `{name}` | {scope.description} |\n" for name, scope in SCOPES.items()]
    return "| scope | one subject is |\n|---|---|\n" + "".join(rows)


def _observations() -> str:
    """The kinds of observations with their members."""
    rows = []
    for kind, seen in KINDS.items():
        members = ", ".join(f"`{name}` ({kind_of})" for name, kind_of, _ in _fields(seen))
        rows.append(f"| `{kind}` | {_words(inspect.getdoc(seen) or '')} | {members} |\n")
    return "| kind | what was seen | members of `observation` |\n|---|---|---|\n" + "".join(rows)


def pages() -> dict[Path, str]:
    """Every page that is made, as the code says it."""
    rules, config = PAGES["rules"], PAGES["config"]
    return {
        PAGES["facts"]: facts_page(),
        rules: rules_page(rules.read_text("utf-8")),
        config: _between(config.read_text("utf-8"), "keys", _keys()),
        SCHEMA: json.dumps(config_schema(), indent=1, ensure_ascii=False) + "\n",
    }


def main() -> int:
    made = pages()
    if "--check" in sys.argv[1:]:
        return 0 if all(path.read_text("utf-8") == text for path, text in made.items()) else 1
    for path, text in made.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
