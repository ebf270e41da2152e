"""What is left of a rule that fails on one subject: one line, and all other verdicts."""

from __future__ import annotations

from hpolint.cel.runtime import EvaluationError
from hpolint.cel.type_checks import ExpressionError
from hpolint.io.internal_errors import debugging, described, shortened
from hpolint.model.finding import RuleFailure
from hpolint.model.job import TuningJob
from hpolint.model.node import Path, place
from hpolint.model.rule import Rule
from hpolint.registry.message_templates import TemplateError

MISTAKES_OF_RULES = (EvaluationError, ExpressionError, TemplateError)
"""Errors whose text is written for the author of a rule."""


def failure_reason(error: Exception) -> str:
    """The reason of a failure, for its line. Raises the error of hpolint itself again if HPOLINT_DEBUG is set."""
    if isinstance(error, MISTAKES_OF_RULES):
        return shortened(str(error))
    if debugging():
        raise error
    return described(error)


def add_failure(failures: list[RuleFailure], rule: Rule, job: TuningJob, path: Path, reason: str) -> None:
    """Add the failure of a rule on the subject at ``path``: only the first one of each rule in a file.

    A rule that fails on one of 20,000 parameters fails on most of them, for the same reason.
    """
    name = job.source.name
    if any(failure.rule is rule and failure.source == name for failure in failures):
        return
    line = place(job.request, path)[0].line
    failures.append(RuleFailure(rule, shortened(reason), name, line))
