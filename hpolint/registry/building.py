"""Building a rule from its front matter as plain values, without parsing YAML."""

from __future__ import annotations

import os
from typing import Any

from hpolint.model.rule import FixTemplate, Judged, Rule, RuleSentence
from hpolint.registry.rule_options import built_option


def rule_of(file: str, front: dict[str, Any], body: str) -> Rule:
    """The rule from its front matter and page. Raises KeyError, TypeError, ValueError or AttributeError.

    The file's name is the rule's name, and the folder's name is its category.
    """
    at = front.get("at", [])
    return Rule(
        name=os.path.splitext(os.path.basename(file))[0],
        category=os.path.basename(os.path.dirname(os.path.abspath(file))),
        file=file,
        summary=front["summary"],
        level=front["level"],
        precision=front["precision"],
        scope=front["scope"],
        since=str(front["since"]),
        sources=front.get("sources", []),
        body=body,
        default=front.get("default", "on") == "on",
        when=front.get("when"),
        observes=front.get("observes"),
        emitted_by=front.get("emitted_by"),
        undecided=front.get("undecided", "off"),
        options={name: built_option(declared) for name, declared in front.get("options", {}).items()},
        removed_options=front.get("removed_options", []),
        lets={name: str(text) for name, text in front.get("let", {}).items()},
        at=[at] if isinstance(at, str) else at,
        related=front.get("related", []),
        beside=front.get("beside"),
        message=[_sentence(written) for written in front.get("message", [])],
        group=front.get("group"),
        fix=_fix(front.get("fix")),
        judged=Judged(**front["judged"]) if "judged" in front else None,
    )


def _sentence(written: Any) -> RuleSentence:
    if isinstance(written, str):
        return RuleSentence(written)
    where = tuple(map(str, written.get("where", ())))
    return RuleSentence(
        written["say"],
        when=written.get("when"),
        otherwise=written.get("otherwise"),
        measured=written.get("measured"),
        where=where,
    )


def _fix(fix: Any) -> FixTemplate | None:
    if fix is None:
        return None
    despite = tuple(fix.get("despite", ()))
    return FixTemplate(
        safety=fix["safety"],
        when=fix.get("when"),
        set=fix.get("set", {}),
        remove=fix.get("remove", []),
        despite=despite,
        script=fix.get("script"),
    )
