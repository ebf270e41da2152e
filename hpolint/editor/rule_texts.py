"""The pages of rules, to be shown without a network."""

from __future__ import annotations

from hpolint.model.rule_page import rule_page
from hpolint.registry import builtin_rules


def rule_text(name: str) -> str | None:
    """The page of a built-in rule as Markdown; None if there is no such rule."""
    for rule in builtin_rules():
        if rule.id == name:
            return rule_page(rule)
    return None
