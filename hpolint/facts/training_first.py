"""The lines in which LightGBM and XGBoost print the objective for the training data and for another set."""

from __future__ import annotations

import msgspec

from hpolint.facts.metric_match import matching_prints
from hpolint.facts.objective import ESCAPE, objective_expression
from hpolint.facts.phases import measures_of, words_of
from hpolint.facts.regex import Regex, UnsupportedRegexError
from hpolint.facts.space import RangeSet
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Path, Struct
from hpolint.model.training_script import EvaluatedSets, ScriptOutput, Site

FORMS = {"lightgbm": ("[10]\t", "{0}'s {1}", ": "), "xgboost": ("[10]\t", "{0}-{1}", ":")}
"""The beginning of a line, the words before a value, and what separates them, by the library."""

LIBRARIES = {"lightgbm": "LightGBM", "xgboost": "XGBoost"}

OTHER_METRIC = "zzz"
"""The name of a metric that no expression speaks of."""

REPEATED = lazy_regex(r"(?<!\\s)(?<! )[*+{]|\|")
"""Parts of an expression, before its group, that may run over other values: repetitions of more than blanks."""

METRIC = lazy_regex(r"[A-Za-z]\w*")


class TrainingFirst(msgspec.Struct, frozen=True):
    """What a library prints before a value of the training data, and before that of another set behind it.

    ``is_only``: the objective's expression matches only the first of the two.
    """

    library: str
    training: str
    other: str
    is_only: bool
    site: Site


def training_first(
    request: Struct, definition: Path, output: ScriptOutput, sets: list[RangeSet]
) -> TrainingFirst | None:
    """The library's line of which the objective's expression matches the value of the training data, before another.

    None without one, and if the expression may match a line that the script itself prints.
    """
    if not output.evaluated:
        return None
    text = objective_expression(request, definition)
    matching = matching_prints(request, definition, output, sets)
    if not isinstance(text, str) or matching is None:
        return None
    try:
        if matching.likely or any(shown.values > 1 for shown in matching.prints):
            return None  # such as print(f"{name}: {score}")
        found = [_training_first(text, matching.expression, evaluated) for evaluated in output.evaluated]
    except UnsupportedRegexError:
        return None
    return found[0] if None not in found else None


def _training_first(text: str, expression: Regex, evaluated: EvaluatedSets) -> TrainingFirst | None:
    """The same for one call. Raises UnsupportedRegexError."""
    before = text.partition("(")[0]
    names = METRIC.findall(ESCAPE.sub(lambda escape: escape[1] or " ", before))
    if not names or not measures_of(words_of(names[-1])) or REPEATED.search(before) or not expression.is_exact:
        return None
    start, words, end = FORMS[evaluated.library]
    metric: str = names[-1]
    training, other = words.format(evaluated.training, metric), words.format(evaluated.other, metric)
    no_training, no_other = (words.format(name, OTHER_METRIC) for name in (evaluated.training, evaluated.other))
    if not expression.matches(f"{start}{training}{end}0.4321\t{no_other}{end}0.4321"):
        return None
    behind = f"{start}{no_training}{end}0.4321\t{other}{end}0.4321"
    further = f"{behind}\t{no_other}{end}0.4321"  # with a further metric
    is_only = not expression.matches(behind) and not expression.matches(further)
    library = LIBRARIES[evaluated.library]
    return TrainingFirst(library, training, other, is_only, evaluated.site)
