"""The lines of a training script that show on validation or test data what the objective shows on training data."""

from __future__ import annotations

from itertools import chain

import msgspec

from hpolint.facts.metric_match import captured_value, objective_prints
from hpolint.facts.objective import objective_expression, shown_phase
from hpolint.facts.phases import EVALUATING, measures_of, phase_of, words_of
from hpolint.facts.space import RangeSet
from hpolint.model.node import Path, Struct
from hpolint.model.training_script import BEFORE, BEHIND, Print, ScriptOutput, Site, Wildcard

AROUND_LABEL = " \t\r\n:=,;|-#%'\"{}()[]"
"""Characters around the text of a label that are no part of its words."""


class Label(msgspec.Struct, frozen=True):
    """What a printed line says of one of its values: the phase, what is measured, and the text before the value."""

    text: str
    phase: str | None
    measures: frozenset[str]
    site: Site


def evaluation_label(request: Struct, definition: Path, output: ScriptOutput, sets: list[RangeSet]) -> Label | None:
    """A label of validation or test data, for what the objective's expression takes from a line about training data.

    None without one, or if the expression may take anything else.
    """
    labels = list(chain.from_iterable(map(_labels, output.prints)))
    evaluating = [label for label in labels if label.phase in EVALUATING and label.measures]
    if not evaluating or not any(label.phase == "training" for label in labels):
        return None  # the common case: no line has to be compared with the expression
    measures = _measures_in_training(request, definition, output, sets)
    return next((label for label in evaluating if measures & label.measures), None)


def _measures_in_training(request: Struct, definition: Path, output: ScriptOutput, sets: list[RangeSet]) -> set[str]:
    """What the objective measures, if all lines that it may be taken from say that it is of the training data."""
    expression = objective_expression(request, definition)
    measures: set[str] = set()
    if not isinstance(expression, str) or shown_phase(expression) in EVALUATING:
        return measures
    for shown in objective_prints(request, definition, output, sets):
        label = _captured(expression, shown)
        if label is None or label.phase != "training":
            return set()
        measures |= label.measures
    return measures


def _captured(expression: str, shown: Print) -> Label | None:
    """The label of the value that an expression takes from a line; None if it is not certain which one that is."""
    place = captured_value(expression, shown)
    labels = _labels(shown)
    if place is None or len(labels) != shown.values:
        return None
    return labels[place]


def _labels(shown: Print) -> list[Label]:
    """The labels of a line's values. One that names no phase is of the phase that the line named before."""
    labels: list[Label] = []
    words: list[str] = []
    text = ""
    for piece in shown.line:
        if isinstance(piece, str):
            text += piece
        elif isinstance(piece, Wildcard) and piece not in (BEFORE, BEHIND):
            own = words_of(text)
            words += own
            labels.append(Label(text.strip(AROUND_LABEL), phase_of(words), frozenset(measures_of(own)), shown.site))
            text = ""
    return labels
