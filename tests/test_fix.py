"""A fix as it would be carried out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.fix import Fix, applied
from hpolint.node import Path, plain
from hpolint.readers import read_source
from tests.requests import sound


@pytest.mark.parametrize("path", [("Tags", 7, "Key"), ("HyperParameterTuningJobName", 0, "Key"), ("Autotune", "Mode")])
def test_a_fix_of_what_is_not_there_changes_nothing(path: Path) -> None:
    """Neither a removal nor a new name trips over an item past the end, a text that is no list, or an absent member."""
    request: Any = sound() | {"Tags": [{"Key": "team", "Value": "vision"}]}
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    assert plain(applied(job.request, Fix("safe", {}, (path,)))) == request
    assert plain(applied(job.request, Fix("safe", {}, (), {path: "Other"}))) == request
    assert plain(applied(job.request, Fix("safe", {}, (("Tags", 0, "Key"),)))) == request | {
        "Tags": [{"Value": "vision"}]
    }
