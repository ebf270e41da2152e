"""By which patterns a condition judges a text."""

from __future__ import annotations

import pytest

from hpolint.cel.runtime import Environment


@pytest.mark.parametrize(
    ("condition", "patterns"),
    [
        ("job.name != null && !job.name.matches(options.pattern)", {"^team-"}),
        ('job.name.startsWith("a.") || job.name.contains("b") && job.form == "x"', {r"^a\.", "b"}),
        ('options.list.exists(each, job.name.endsWith("-x"))', {r"\-x$"}),
        ('job.name == "x"', {"^x$"}),
        ("job.name.matches(job.form)", None),
        ('"abc".matches(job.name)', None),
        ("job.name.size() > 3", None),
        ('job.name + "x" == "yx"', None),
        ("job.name in options.list", None),
        ('job.form == "x"', set()),
    ],
)
def test_a_text_is_judged_by_patterns_alone(condition: str, patterns: set[str] | None) -> None:
    """Any other use of it leaves the condition undecided if only parts of the text are known."""
    expression = Environment(["job", "options"]).compile(condition)
    values = {"options": {"pattern": "^team-", "list": ["a"]}}
    assert expression.text_patterns(("job", "name"), values) == patterns
