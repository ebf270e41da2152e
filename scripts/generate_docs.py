"""Write what the documentation says of the rules' language, the configuration and the action from their declarations.

``pages()`` has docs/facts.md, made from the docstrings in hpolint/facts/; docs/rules.md with the tables of the
vocabulary and of the observations; docs/configuration.md with the table of its keys; and docs/ci.md with the inputs and
outputs of action.yml. ``python -m scripts.generate`` writes them.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from hpolint.config.keys import KEYS
from hpolint.model.observations import KINDS
from hpolint.registry.vocabulary import FACTS, SCOPES, WORDS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = {name: DOCS / f"{name}.md" for name in ("facts", "rules", "configuration", "ci")}
HEAD = """# Facts

A rule's condition can use these facts in addition to the request. This page is generated from the docstrings in
`hpolint/facts/`. A fact that depends on an unknown value is unknown, and leaves a rule that needs it undecided. Null
means that the job has no such value.
"""
TAIL = """
## `role`

The conventional role of a parameter's name: `learning_rate`, `regularization`, `near_one`, `batch_size`, `width`,
`fraction`, `patience` or `depth`. It is null for any other name. `hpolint/data/roles.yaml` lists the names with their
sources. An ambiguous name (`alpha`, `gamma`) has the role that it has for the algorithm.
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
    return "| Key | Default | Description |\n|---|---|---|\n" + "".join(rows)


def _action() -> str:
    """The inputs and outputs of the action."""
    action = YAML(typ="safe").load((ROOT / "action.yml").read_text("utf-8"))
    rows = ["| Input | Default | Description |\n|---|---|---|\n"]
    for name, declared in action["inputs"].items():
        default = f"`{declared['default']}`" if declared["default"] else "–"
        rows.append(f"| `{name}` | {default} | {_words(declared['description'])} |\n")
    rows.append("\n| Output | Description |\n|---|---|\n")
    rows += [f"| `{name}` | {_words(declared['description'])} |\n" for name, declared in action["outputs"].items()]
    return "".join(rows)


def _section(name: str, facts: type) -> str:
    """The facts of one class, field by field."""
    about = re.sub(r"^``\w+``[:.]?\s*", "", _words(inspect.getdoc(facts) or ""))
    about = re.sub(r"^`\w+`[:.]?\s*", "", about)
    about = about[:1].upper() + about[1:]
    lines = [f"\n## `{name}`", "", *([about, ""] if about else []), "| Fact | Type | Description |", "|---|---|---|"]
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
        facts = f" [Members](facts.md#{name})." if name in FACTS else ""
        rows.append(f"| `{name}` | {word.description}{facts} | {where} |\n")
    return "| Name | Value | Scopes |\n|---|---|---|\n" + "".join(rows)


def _scopes() -> str:
    rows = [f"| `{name}` | {scope.description} |\n" for name, scope in SCOPES.items()]
    return "| Scope | Subject |\n|---|---|\n" + "".join(rows)


def _observations() -> str:
    """The kinds of observations with their members."""
    rows = []
    for kind, seen in KINDS.items():
        members = ", ".join(f"`{name}` ({kind_of})" for name, kind_of, _ in _fields(seen))
        rows.append(f"| `{kind}` | {_words(inspect.getdoc(seen) or '')} | {members} |\n")
    return "| Kind | Observation | Members of `observation` |\n|---|---|---|\n" + "".join(rows)


def pages() -> dict[Path, str]:
    """Every page with generated parts, by its path."""
    rules, config, ci = PAGES["rules"], PAGES["configuration"], PAGES["ci"]
    return {
        PAGES["facts"]: facts_page(),
        rules: rules_page(rules.read_text("utf-8")),
        config: _between(config.read_text("utf-8"), "keys", _keys()),
        ci: _between(ci.read_text("utf-8"), "action", _action()),
    }
