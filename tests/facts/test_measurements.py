"""What messages quote of experiments."""

from __future__ import annotations

import pytest

from hpolint.facts import measurements
from hpolint.facts.measurements import effect_of

ROWS = {
    "parallelism": [[20, 5, "a"], [20, 10, "b"], [40, 10, "c"]],
    "scale": [["Bayesian", 1, "d"], ["Bayesian", 3, "e"]],
}


@pytest.mark.parametrize(
    ("experiment", "values", "effect"),
    [
        ("parallelism", (20, 5), "a"),
        ("parallelism", (30, 12), None),
        ("parallelism", (39, 10), None),
        ("parallelism", (None, 5), None),
        ("scale", ("Bayesian", 2.9), None),
        ("scale", ("Random", 3), None),
        ("scale", ("Bayesian", 3 - 1e-12), "e"),
    ],
)
def test_an_effect_is_quoted_only_of_what_was_measured(
    monkeypatch: pytest.MonkeyPatch, experiment: str, values: tuple[object, ...], effect: str | None
) -> None:
    """That of the job's own values; none of other ones."""
    monkeypatch.setattr(measurements, "experiments", lambda: ROWS)
    assert effect_of(experiment, values) == effect
