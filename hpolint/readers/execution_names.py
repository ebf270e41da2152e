"""Names of jobs that a state machine makes of the name of its execution, or of a UUID.

Sources: the Step Functions developer guide, "Accessing execution data from the Context object", "Intrinsic functions
for JSONPath workflows" and "Transforming data with JSONata"; the API reference of StartExecution.
"""

from __future__ import annotations

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Observation
from hpolint.model.node import Scalar, Struct, text_of
from hpolint.model.observations import NameTooLong

NAME = "HyperParameterTuningJobName"
MAX_LENGTH = 32
"""The characters that the service accepts in a tuning job's name."""

UUID_LENGTH = 36
EXECUTION = frozenset({"$$.Execution.Name", "$states.context.Execution.Name"})
"""The name of the execution in both query languages: a UUID if nobody gives one."""

UUID = frozenset({"States.UUID()", "$uuid()"})
FORMAT = lazy_regex(r"States\.Format\(\s*'(?P<template>(?:[^'\\]|\\.)*)'\s*(?P<arguments>(?:,[^(),']+(?:\(\))?)*)\)")
"""A call of ``States.Format`` without quotes and calls in its arguments, but for ``States.UUID()``."""

ESCAPED = lazy_regex(r"\\(.)")
WORD = r"'[^'\\]*'|\"[^\"\\]*\"|\$[\w.$]*(?:\(\))?"
PART = lazy_regex(WORD)
SUM = lazy_regex(rf"\{{%\s*(?:{WORD})(?:\s*&\s*(?:{WORD}))*\s*%\}}")
"""A JSONata expression that joins literals and paths."""


def long_name(parameters: Struct, *, jsonata: bool) -> Observation | None:
    """A state's name for its job that is longer than the service accepts, as far as it is known."""
    node = parameters.get(NAME if jsonata else f"{NAME}.$")
    text = text_of(node)
    if not isinstance(node, Scalar) or text is None:
        return None
    parts = _joined_parts(text) if jsonata else _formatted_parts(text)
    length = sum(_length(part) for part in parts)
    if length <= MAX_LENGTH:
        return None
    certain = sum(_length(part) for part in parts if part not in EXECUTION)
    return Observation((NAME,), node.span, NameTooLong(text, length, certain <= MAX_LENGTH))


def _length(part: str) -> int:
    """The characters of a quoted text, or of an expression that is known; 0 for any other expression."""
    if part.startswith(("'", '"')):
        return len(part) - 2
    return UUID_LENGTH if part in EXECUTION or part in UUID else 0


def _joined_parts(text: str) -> list[str]:
    """The parts that a JSONata expression joins; none if it does anything else."""
    expression = text.strip()
    if SUM.fullmatch(expression) is None:
        return []
    return PART.findall(expression)


def _formatted_parts(text: str) -> list[str]:
    """The parts of a JSONPath expression: the only one, or those that ``States.Format`` joins."""
    match = FORMAT.fullmatch(text.strip())
    if match is None:
        return [text.strip()]
    arguments = [argument.strip() for argument in match["arguments"].split(",")[1:]]
    written = ESCAPED.sub(r"\1", match["template"].replace("{}", ""))
    return [f"'{written}'", *arguments]
