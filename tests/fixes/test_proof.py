"""A text is written only if reading it again gives what its fixes promise: the same jobs, values and valid code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.fixes.proof import Promises, verification_error
from hpolint.model.fix import Fix
from hpolint.readers import read_source
from tests.harness.notebooks import notebook
from tests.requests import unbounded
from tests.suppressions.test_comments import python

FIX = Fix("safe", set={("HyperParameterTuningJobConfig", "ResourceLimits", "MaxParallelTrainingJobs"): 5})


def reason(name: str, before: str, after: str, *fixes: Fix, shared: list[Fix] | None = None) -> str | None:
    """Why a fixed text is not what the fixes of its first job promise; None if it is."""
    source, reading = read_source(name, before.encode())
    assert reading.problems == []
    promises = Promises({0: list(fixes)} if fixes else {}, shared or [])
    failure = verification_error(source, {name: after.encode()}, reading.jobs, promises)
    return failure.reason if failure is not None else None


@pytest.mark.parametrize(
    "head",
    [
        "",
        'pattern = "\\d"\n',  # Python warns of it, and takes it
        "def f(x: (n := 3)): pass\n",  # invalid with hpolint's own `annotations` future
        "async def f(): pass\nawait f()\n",  # as IPython takes it
    ],
)
def test_a_source_that_would_not_compile_is_not_written(head: str) -> None:
    """Whatever else the source contains; the reason is Python's."""
    expected = "the code would no longer compile: invalid syntax"
    text = head + python()
    assert reason("t.py", text, text + "x = = 1\n") == expected
    assert reason("n.ipynb", notebook(text, "x = 1"), notebook(text, "x = = 1")) == expected
    assert reason("n.ipynb", notebook(text, "x = 1"), notebook(text, "a = = 1")) == expected
    assert reason("n.ipynb", notebook("%cd x\n" + text), notebook("%cd x\n" + text + "x = = 1\n")) == expected


def test_what_did_not_compile_before_is_no_reason() -> None:
    """As a cell that somebody has left half written, or with lines for another program."""
    text = python()
    assert reason("n.ipynb", notebook(text, "x = = 1"), notebook(text, "y = = 1")) is None
    assert reason("n.ipynb", notebook("%cd x\n" + text), notebook("%cd y\n" + text)) is None
    assert reason("t.py", text, text + "# more\n") is None


def test_a_text_that_is_too_deep_for_python_is_not_written() -> None:
    """This is not an internal error; it is a reason like any other."""
    text = python()
    found = reason("t.py", text, text + f"x = {'(' * 300}1{')' * 300}\n")
    assert found is not None
    assert found.startswith("the code would no longer compile: too many nested parentheses")


def test_each_job_becomes_what_its_fixes_promise_and_the_others_stay() -> None:
    """Neither more of them nor fewer; a value is one of its type."""
    request, other = unbounded(MaxParallelTrainingJobs=20), unbounded()
    request["HyperParameterTuningJobName"] = "first"

    def text(*requests: dict[str, Any]) -> str:
        return json.dumps({"jobs": list(requests)}, indent=1)

    def with_parallel(value: object) -> dict[str, Any]:
        changed = unbounded(MaxParallelTrainingJobs=value)  # type: ignore[arg-type]
        changed["HyperParameterTuningJobName"] = "first"
        return changed

    before = text(request, other)
    assert reason("r.json", before, text(with_parallel(5), other), FIX) is None
    another = "`first` would change in another way than intended"
    for value in (6, "5", 5.0, True):
        assert reason("r.json", before, text(with_parallel(value), other), FIX) == another
    for old, new in (('"0.5"', '"0.6"'), ('"Name": "eta", ', "")):  # in a list
        changed = json.loads(json.dumps(with_parallel(5)).replace(old, new))
        assert changed != with_parallel(5)
        assert reason("r.json", before, text(changed, other), FIX) == another
    for jobs in ([with_parallel(5)], [with_parallel(5), other, unbounded()]):
        assert reason("r.json", before, text(*jobs)) == "the number of tuning jobs would change"
    assert reason("r.json", before, text(with_parallel(5), other)) == "`first` would change, too"
    assert reason("r.json", before, before + "]") is not None


def test_what_other_jobs_share_may_become_theirs_too() -> None:
    """And only in the way that was promised."""

    def text(*parallel: int) -> str:
        return json.dumps({"jobs": [unbounded(MaxParallelTrainingJobs=each) for each in parallel]})

    assert reason("r.json", text(20, 20), text(5, 5), FIX, shared=[FIX]) is None
    assert reason("r.json", text(20, 20), text(5, 20), FIX, shared=[FIX]) is None
    assert reason("r.json", text(20, 20), text(5, 6), FIX, shared=[FIX]) is not None
    assert reason("r.json", text(20, 20), text(5, 5), FIX) is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[5, 6]", "[5, 7]"),
        ("[5, 6]", "[5]"),
        ('"AllowedValues": [5, 6]', '"Default": 5'),
        ('{"Ref": "AtOnce"}', '{"Ref": "Other"}'),
        ("a${X}b", "a${X}c"),
        ('"Bayesian"', '{"Ref": "X"}'),
        ('["Cond", {"Ref": "AWS::NoValue"}, 3]', '["Cond", 2, 3]'),
    ],
)
def test_what_the_text_leaves_open_stays_as_open(before: str, after: str) -> None:
    """An unknown value, its known parts and the values that it can have."""
    request = unbounded()
    request["HyperParameterTuningJobConfig"]["ResourceLimits"] |= {
        "MaxParallelTrainingJobs": {"Ref": "AtOnce"},
        "MaxRuntimeInSeconds": {"Fn::If": ["Cond", {"Ref": "AWS::NoValue"}, 3]},
    }
    request["HyperParameterTuningJobName"] = {"Fn::Sub": "a${X}b"}
    job = {"Type": "AWS::SageMaker::HyperParameterTuningJob", "Properties": request}
    parameters = {"AtOnce": {"Type": "Number", "AllowedValues": [5, 6]}, "Other": {"Type": "Number"}}
    text = json.dumps({"Parameters": {**parameters, "X": {"Type": "String"}}, "Resources": {"Search": job}})
    assert text.count(before) == 1
    found = reason("t.json", text, text.replace(before, after))
    assert found is not None
    assert found.endswith(" would change, too")
    assert reason("t.json", text, text + "\n") is None
