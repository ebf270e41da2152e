"""Mended programs, run by the real SDKs: what they send is what their fixes promised."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.fixes.fix_planner import compatible
from hpolint.model.node import Path, path_text
from tests.fixes import mendings, read_jobs, text_with
from tests.oracles.comparison import capture, differences, matched
from tests.oracles.grammar import program, program3
from tests.oracles.programs import ORACLES

GENERATED = {"sdk2": program, "sdk3": program3}
MANY = 400
LEAST = {"sdk2": 100, "sdk3": 20, "boto3": 1}
"""So many mended programs at least, or nothing would be tested."""


@pytest.mark.live
@pytest.mark.parametrize("name", ["sdk2", "sdk3", "boto3"])
def test_a_mended_program_sends_what_was_promised(name: str) -> None:
    """As the reader reads it, and otherwise what it sent before: of written and of generated programs."""
    oracle = ORACLES[name]
    texts = list(oracle.written.values()) + [GENERATED[name](seed) for seed in range(MANY) if name in GENERATED]
    cases = [(text, after, paths) for text in texts for after, paths in _mended(text)]
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


def _mended(text: str) -> list[tuple[str, list[Path]]]:
    """The text with all of its fixes that go together, and the paths that they set; nothing where there is none."""
    mender, found = mendings("program.py", text)
    together = compatible(found)
    if not together or mender.verification_error(together) is not None:
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


def test_what_two_requests_differ_in_is_told() -> None:
    """The comparison sees a change, and nothing else."""
    one = {"A": {"B": [1, {"C": 2}]}, "HyperParameterTuningJobName": "x"}
    other = {"A": {"B": [1, {"C": 3}], "D": 1}, "HyperParameterTuningJobName": "y"}
    assert {path_text(path) for path in _changed(one, other)} == {"A.B[1].C", "A.D"}
    assert _changed(one, one) == set()
