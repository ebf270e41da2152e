"""What rules are asked about is bound as the API types it; all else is unknown to them, with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.binding import Binding, Subject
from hpolint.job import Observation
from hpolint.node import Unknown
from hpolint.observations import ParentsNotASet
from hpolint.readers import read_source
from hpolint.registry.vocabulary import SCOPES
from hpolint.source import Span
from tests.requests import sound

NONE = object()
"""Stands for a value that is not bound."""


def subject(**changes: Any) -> Subject:
    """The sound request with members of its config, or its definition's static values, replaced."""
    request = sound()
    static = changes.pop("static", None)
    if static is not None:
        request["TrainingJobDefinition"]["StaticHyperParameters"] = static
    request["HyperParameterTuningJobConfig"] |= changes
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    return Binding(job).subjects("job")[0]


def bound(found: Subject, *path: str) -> tuple[Any, str | None]:
    """A value that is bound, and the reason why it or something below it is not."""
    value: Any = found.values
    hole: Any = found.holes
    for name in path:
        value = value.get(name, NONE) if isinstance(value, dict) else NONE
        hole = hole.get(name) if isinstance(hole, dict) else hole
    return value, hole.reason if isinstance(hole, Unknown) else None


@pytest.mark.parametrize("value", ["ten", "10", 2.5, True, [10], {"a": 10}])
def test_a_value_of_another_type_is_unknown_to_rules(value: Any) -> None:
    """No rule compares a text with a number: the value is the schema's to tell, and the rule stays undecided."""
    limits = {"MaxNumberOfTrainingJobs": value, "MaxParallelTrainingJobs": 2}
    found = subject(ResourceLimits=limits)
    value, reason = bound(found, "limits", "MaxNumberOfTrainingJobs")
    assert value is NONE
    assert reason
    assert bound(found, "limits", "MaxParallelTrainingJobs") == (2, None)


def test_a_key_that_is_no_text_leaves_its_map_unknown() -> None:
    """A lone surrogate in a key breaks no run, and what asks for the map is told why it cannot be known."""
    found = subject(static={"a\ud800": "1", "b": "2"})
    assert bound(found, "training", "StaticHyperParameters") == (NONE, "has a key that is no Unicode text")
    assert bound(subject(static={"b": "2"}), "training", "StaticHyperParameters") == (
        [{"Name": "b", "Value": "2"}],
        None,
    )


def test_what_a_rule_asks_of_each_item_is_unknown_where_one_items_is() -> None:
    """A rule about all channels names the one whose value cannot be known, wherever it stands in the list."""
    request = sound()
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/data"}}
    channels = [{"ChannelName": name, "DataSource": source} for name in ("train", "$OTHER")]
    request["TrainingJobDefinition"]["InputDataConfig"] = channels
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    found = Binding(job).subjects("job")[0]
    causes = found.causes([("training", "InputDataConfig", "*", "ChannelName")])
    assert [cause.reason for cause in causes] == ["is the placeholder $OTHER"]


def test_each_scope_binds_what_the_vocabulary_declares() -> None:
    """Every declared name is bound or has a reason why not, and nothing else is: docs, checker and engine agree."""
    request = sound()
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    job.observations.append(Observation(("Tags",), Span(1, 1, 1, 2), ParentsNotASet("churn")))
    binding = Binding(job)
    for name, scope in SCOPES.items():
        for each in binding.subjects(name, "parents-not-a-set"):
            assert (each.values.keys() | each.holes.keys()) == set(scope.names) - {"options"}, name
