"""Written programs: what is read from their text, and what the real thing sends when it runs them."""

from __future__ import annotations

import pytest

from hpolint.model.node import Unknown
from hpolint.model.observations import (
    ArgumentMissing,
    AskedBeforeLaunch,
    BestEstimatorByName,
    CategoryFromPipeline,
    ClsMetadataNotADict,
    EstimatorNotAnObject,
    FrameworkImageRefused,
    ImageLookupRefused,
    ImportRemoved,
    ImportUnknown,
    InputRefused,
    InputsNotRecords,
    InstanceGroups,
    LocalMode,
    LowerCaseTags,
    MethodNotCalled,
    MissingMethod,
    NameUndefined,
    NotARange,
    PartNotAnObject,
    PipelineVariableRead,
    PipelineVariableSent,
    RangesNotADict,
    SeveralTrainers,
    SklearnInstances,
    TunerInTrainingStep,
    UnknownArgument,
    WarmStartTypeRefused,
    kind_of,
)
from hpolint.readers import read_source
from tests.oracles.comparison import differences, known_share, matched
from tests.oracles.programs import ORACLES, Oracle
from tests.oracles.record import recorded

CASES = [
    pytest.param(oracle, name, id=f"{oracle.name}-{name}") for oracle in ORACLES.values() for name in oracle.written
]


REFUSED = "refused-"
"""The beginning of the names of programs that are refused for one cause, whose kind follows."""

REFUSALS = frozenset(
    kind_of(kind)
    for kind in (
        *(CategoryFromPipeline, ClsMetadataNotADict, InstanceGroups, LocalMode, LowerCaseTags, SeveralTrainers),
        *(SklearnInstances, UnknownArgument, ArgumentMissing, AskedBeforeLaunch, EstimatorNotAnObject),
        *(FrameworkImageRefused, ImageLookupRefused, InputRefused, InputsNotRecords, NotARange, PartNotAnObject),
        *(RangesNotADict, WarmStartTypeRefused, ImportRemoved, ImportUnknown, NameUndefined),
        *(PipelineVariableRead, PipelineVariableSent, MissingMethod, MethodNotCalled, BestEstimatorByName),
        TunerInTrainingStep,
    )
)
"""The observations of calls that are refused before a request is sent."""


def refusals(program: str) -> list[str]:
    """The kinds of refused calls that are observed in a program."""
    _, reading = read_source("program.py", program.encode())
    return [seen.kind for job in reading.jobs for seen in job.observations if seen.kind in REFUSALS]


def test_a_refused_call_is_observed() -> None:
    """The SDK raises an error and sends nothing, and the reader observes why. Each kind of refusal has a program."""
    observed = set()
    for oracle in ORACLES.values():
        for name in [name for name in oracle.written if name.startswith(REFUSED)]:
            outcome = recorded(oracle, "written")[name]
            assert outcome["error"] is not None, name
            assert outcome["requests"] == [], name
            kinds = set(refusals(oracle.written[name]))
            assert {kind for kind in REFUSALS if name.startswith(REFUSED + kind)} == kinds != set(), name
            observed |= kinds
    assert observed == REFUSALS


@pytest.mark.parametrize("oracle", ORACLES.values(), ids=ORACLES)
def test_what_is_accepted_is_not_observed_as_refused(oracle: Oracle) -> None:
    """No program that the real thing runs to its end has such an observation."""
    for kind, programs in oracle.kinds.items():
        accepted = [name for name, outcome in recorded(oracle, kind).items() if outcome["error"] is None]
        assert {name: found for name in accepted if (found := refusals(programs[name]))} == {}


def test_a_name_that_is_observed_as_too_long_is_sent_so() -> None:
    """No name that is sent is shorter than its known parts are said to be."""
    lengths = []
    for oracle in ORACLES.values():
        for name, program in oracle.written.items():
            _, reading = read_source("program.py", program.encode())
            for sent, job in matched(recorded(oracle, "written")[name]["requests"], reading.jobs):
                known = job.request.get("HyperParameterTuningJobName")
                if isinstance(known, Unknown) and known.min_length > 0:
                    lengths.append(len(sent["HyperParameterTuningJobName"]))
                    assert lengths[-1] >= known.min_length, name
                    is_observed = "name-too-long" in [seen.kind for seen in job.observations]
                    assert is_observed == (lengths[-1] > 32), name
    assert min(lengths) <= 32 < max(lengths)


@pytest.mark.parametrize(("oracle", "program"), CASES)
def test_what_is_read_is_what_is_sent(oracle: Oracle, program: str) -> None:
    """Every field that the reader calls known is equal, and every one that it calls absent is absent."""
    outcome = recorded(oracle, "written")[program]
    _, reading = read_source("program.py", oracle.written[program].encode())
    assert reading.problems == []
    assert outcome["requests"] or outcome["error"]  # some are there to be refused
    for sent, job in matched(outcome["requests"], reading.jobs):
        assert differences(sent, job.request) == []


@pytest.mark.parametrize("oracle", ORACLES.values(), ids=ORACLES)
def test_every_request_that_is_sent_is_a_job(oracle: Oracle) -> None:
    """A constructor or call that launches is found, once; what is found is sent, unless the SDK refuses the program."""
    for name, program in oracle.written.items():
        outcome = recorded(oracle, "written")[name]
        _, reading = read_source("program.py", program.encode())
        pairs = matched(outcome["requests"], reading.jobs)
        assert len(pairs) == len(outcome["requests"]), name
        launched = {id(job) for _, job in pairs}
        assert outcome["error"] or launched == {id(job) for job in reading.jobs}, name


@pytest.mark.parametrize("oracle", ORACLES.values(), ids=ORACLES)
def test_most_of_what_is_sent_is_known(oracle: Oracle) -> None:
    """A reader that called everything unknown would never be wrong, and of no use."""
    known = total = 0
    for name, program in oracle.written.items():
        _, reading = read_source("program.py", program.encode())
        for sent, job in matched(recorded(oracle, "written")[name]["requests"], reading.jobs):
            one, all_ = known_share(sent, job.request)
            known, total = known + one, total + all_
    assert known / total > oracle.share, f"{known} of {total}"
