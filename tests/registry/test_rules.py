"""The contract of every rule: all that ``hpolint test`` says, of each of hpolint's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpolint.registry import builtin_folder, builtin_rules, rule_files
from hpolint.run.rule_tests import run_tests

FILES = rule_files(builtin_folder())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_rule_is_sound_and_its_examples_come_out_as_they_say(path: Path) -> None:
    """Front matter, expressions, page, verdicts, messages and fixes hold before a release, not at each start."""
    assert run_tests([path]).errors == []


def test_the_catalogue_of_the_first_release_is_there() -> None:
    """No rule that users know is taken away or renamed without a word."""
    assert {rule.id for rule in builtin_rules()} >= {
        "compute/missing-spot",
        "hygiene/unreadable-definition",
        "launch/grid-needs-categorical",
        "launch/invalid-request",
        "launch/log-scale-needs-positive-range",
        "launch/max-wait-below-runtime",
        "launch/objective-direction",
        "launch/reverse-log-needs-unit-range",
        "launch/yaml-boolean",
        "scale/linear-learning-rate",
        "scale/linear-regularization",
        "scale/near-one-without-reverse-log",
        "sdk/argument-dropped",
        "sdk/categorical-not-a-list",
        "sdk/grid-without-job-count",
        "sdk/metric-definitions-on-estimator",
        "sdk/parents-not-a-set",
        "sdk/single-trial-by-default",
        "sdk/static-shadowed-by-range",
        "sdk/strategy-config-dropped",
        "strategy/excessive-parallelism",
        "strategy/grid-search-on-large-space",
        "strategy/missing-warm-start",
        "strategy/no-early-stopping",
    }
