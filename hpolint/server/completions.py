"""Completions for a configuration file: keys, and within strings the names of rules and categories."""

from __future__ import annotations

from lsprotocol.types import CompletionItem, CompletionItemKind, MarkupContent, MarkupKind

from hpolint.config.keys import KEYS
from hpolint.lazy_regex import lazy_regex
from hpolint.model.rule import CATEGORIES
from hpolint.model.settings import CONFIG_FILE, PYPROJECT
from hpolint.registry import builtin_rules

TABLE = lazy_regex(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")
STRING = lazy_regex(r"""["'][^"']*\Z""")
KEY = lazy_regex(r"^\s*[\w.-]*\Z")
OWN_TABLE = "tool.hpolint"


def completions(path: str, before: list[str]) -> list[CompletionItem]:
    """The completions for a place of a configuration file; ``before`` are the lines up to it, the last one cut."""
    name = path.rpartition("/")[2]
    if name not in (CONFIG_FILE, PYPROJECT) or not before:
        return []
    table = next((found[1] for line in reversed(before[:-1]) if (found := TABLE.match(line)) is not None), "")
    if name == PYPROJECT and not table.startswith(OWN_TABLE):
        return []
    own = table.removeprefix(OWN_TABLE).strip(".") if name == PYPROJECT else table
    line = before[-1]
    if STRING.search(line) and line.count('"') % 2:
        return _names()
    return _keys() if not own and KEY.match(line) else []


def _keys() -> list[CompletionItem]:
    return [
        CompletionItem(name, kind=CompletionItemKind.Property, documentation=_markdown(key.help))
        for name, key in KEYS.items()
    ]


def _names() -> list[CompletionItem]:
    rules = [
        CompletionItem(rule.id, kind=CompletionItemKind.Value, documentation=_markdown(rule.summary))
        for rule in builtin_rules()
    ]
    return [*(CompletionItem(name, kind=CompletionItemKind.Folder) for name in CATEGORIES), *rules]


def _markdown(text: str) -> MarkupContent:
    return MarkupContent(MarkupKind.Markdown, text)
