"""Fixed programs, run by the real SDKs: they send the values that their fixes promise."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.fixes.fix_planner import compatible
from hpolint.model.node import Path, path_text
from tests.fixes import fix_edits, read_jobs, text_with
from tests.oracles.comparison import capture, differences, matched
from tests.oracles.grammar import program, program3
from tests.oracles.programs import ORACLES

GENERATED = {"sdk2": program, "sdk3": program3}
MANY = 400
LEAST = {"sdk2": 100, "sdk3": 20, "boto3": 1}
"""The minimum number of fixed programs, so that something is tested."""


@pytest.mark.live
@pytest.mark.parametrize("name", ["sdk2", "sdk3", "boto3"])
def test_a_fixed_program_sends_what_was_promised(name: str) -> None:
    """The promised values as the reader reads them, else what it sent before; for written and generated programs."""
    oracle = ORACLES[name]
    texts = list(oracle.written.values()) + [GENERATED[name](seed) for seed in range(MANY) if name in GENERATED]
    cases = [(text, after, paths) for text in texts for after, paths in _fixed(text)]
    assert len(cases) >= LEAST[name]
    before = capture(oracle.python, name, [text for text, _, _ in cases])
    sent = capture(oracle.python, name, [after for _, after, _ in cases])
    for (_, after, paths), old, new in zip(cases, before, sent, strict=True):
        assert new["error"] in (None, old["error"]), after  # what was refused may be taken now
        for request, job in matched(new["requests"], read_jobs("program.py", after)):
            assert differences(request, job.request) == [], after
        if new["error"] != old["error"]:
            continue
        changed = set().union(*(_changed(*pair) for pair in zip(old["requests"], new["requests"], strict=True)), set())
        assert all(any(path[: len(own)] == own for own in paths) for path in changed), (after, changed, paths)


def _fixed(text: str) -> list[tuple[str, list[Path]]]:
    """The text with all of its compatible fixes, and the paths that they set; empty if there are none."""
    planner, found = fix_edits("program.py", text)
    together = compatible(found)
    if not together or planner.verification_error(together) is not None:
        return []
    fixes = [each.finding.fix for each in together if each.finding.fix is not None]
    return [(text_with(together), [path for fix in fixes for path in (*fix.set, *fix.remove)])]


def _changed(one: Any, other: Any, path: Path = ()) -> set[Path]:
    """The paths in which two requests differ; a name has the time in it."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = (one.keys() | other.keys()) - {"HyperParameterTuningJobName"}
        return set().union(*(_changed(one.get(name), other.get(name), (*path, name)) for name in names), set())
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return set().union(*(_changed(a, b, (*path, at)) for at, (a, b) in pairs), set())
    return set() if one == other else {path}


def test_the_differences_of_two_requests_are_found() -> None:
    """The comparison finds each change, and nothing else."""
    one = {"A": {"B": [1, {"C": 2}]}, "HyperParameterTuningJobName": "x"}
    other = {"A": {"B": [1, {"C": 3}], "D": 1}, "HyperParameterTuningJobName": "y"}
    assert {path_text(path) for path in _changed(one, other)} == {"A.B[1].C", "A.D"}
    assert _changed(one, one) == set()
