"""CloudTrail's events: what was launched is read as it was sent, and what the trail does not show is unknown."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from hpolint import schema
from hpolint.config.lookup import CheckOptions
from hpolint.discovery.candidates import Candidate
from hpolint.io.packed import UnpackedFile
from hpolint.model.job import Reading
from hpolint.model.node import Scalar, Struct, Unknown, follow, plain
from hpolint.readers import read_source
from hpolint.readers.cloudtrail import _names
from hpolint.run.check import check_candidates, check_paths
from tests.conftest import Command
from tests.harness.systems import posix

PARAMETERS: dict[str, Any] = {
    "hyperParameterTuningJobName": "search",
    "hyperParameterTuningJobConfig": {
        "strategy": "Bayesian",
        "resourceLimits": {"maxNumberOfTrainingJobs": 20, "maxParallelTrainingJobs": 20},
        "randomSeed": None,
    },
    "trainingJobDefinition": {
        "staticHyperParameters": {"Epochs": "5", "omitted": "true"},
        "environment": "HIDDEN_DUE_TO_SECURITY_REASONS",
        "resourceConfig": {"instanceType": "ml.m5.large", "useReservedCapacity": False},
    },
}


def event(parameters: Any = PARAMETERS, **more: Any) -> dict[str, Any]:
    """An event of the operation."""
    named = {"eventSource": "sagemaker.amazonaws.com", "eventName": "CreateHyperParameterTuningJob"}
    return {**named, "requestParameters": parameters, **more}


def read(document: Any) -> Reading:
    """What is read from a document."""
    return read_source("events.json", json.dumps(document, indent=1).encode())[1]


def test_a_request_is_read_as_it_was_sent() -> None:
    """In the API's names, without nulls and what the service adds; keys of maps are the sender's own."""
    (job,) = read(event(eventID="e1", eventTime="2026-11-20T09:12:33Z")).jobs
    assert (job.form, job.is_launched, job.carrier) == ("cloudtrail", True, "event `e1` of 2026-11-20T09:12:33Z")
    definition = follow(job.request, ("TrainingJobDefinition",))
    assert plain(follow(definition, ("StaticHyperParameters",)) or job.request) == {"Epochs": "5", "omitted": "true"}
    assert plain(follow(definition, ("ResourceConfig",)) or job.request) == {"InstanceType": "ml.m5.large"}
    assert follow(job.request, ("HyperParameterTuningJobConfig", "RandomSeed")) is None
    parallel = follow(job.request, ("HyperParameterTuningJobConfig", "ResourceLimits", "MaxParallelTrainingJobs"))
    assert isinstance(parallel, Scalar)
    assert job.source.read(parallel.span) == "20"


def test_what_the_trail_does_not_show_is_unknown() -> None:
    """A hidden value, and all that an event which would be too large leaves out: never absent."""
    (job,) = read(event()).jobs
    assert isinstance(follow(job.request, ("TrainingJobDefinition", "Environment")), Unknown)
    for parameters in ({"omitted": True, "originalSize": 300000, "reason": "too large"}, None, "omitted"):
        (job,) = read(event(parameters)).jobs
        missing = follow(job.request, ("HyperParameterTuningJobConfig",))
        assert isinstance(missing, Unknown), parameters
    part = {**PARAMETERS, "trainingJobDefinition": {"omitted": True}}
    (job,) = read(event(part)).jobs
    assert isinstance(follow(job.request, ("TrainingJobDefinition", "RoleArn")), Unknown)
    assert isinstance(follow(job.request, ("HyperParameterTuningJobConfig", "Strategy")), Scalar)
    definition = {"staticHyperParameters": {"omitted": True}}
    (job,) = read(event({**PARAMETERS, "trainingJobDefinition": definition})).jobs
    static = ("TrainingJobDefinition", "StaticHyperParameters")
    assert isinstance(follow(job.request, (*static, "epochs")), Unknown)
    assert isinstance(follow(job.request, (*static, "omitted")), Unknown)
    unrecorded = {name: each for name, each in event(eventVersion="1.11").items() if name != "requestParameters"}
    (job,) = read(unrecorded).jobs
    assert isinstance(follow(job.request, ("TrainingJobDefinition",)), Unknown)


def test_only_what_was_launched_is_a_job() -> None:
    """No refused request, no other operation or service; a result of a look-up counts once, whatever is beside it."""
    assert not read(event(errorCode="ValidationException")).jobs
    assert not read(event(eventName="CreateTrainingJob")).jobs
    assert not read(event(eventSource="other.amazonaws.com")).jobs
    found = {"EventName": "CreateHyperParameterTuningJob", "CloudTrailEvent": json.dumps(event())}
    assert len(read({"Events": [found, found]}).jobs) == 2
    assert not read({"Events": [{**found, "CloudTrailEvent": "{}"}]}).jobs
    broken = read({"Events": [{**found, "CloudTrailEvent": json.dumps(event())[:-9]}]})
    assert (len(broken.jobs), len(broken.problems)) == (0, 1)


def test_each_name_in_an_event_is_of_one_member() -> None:
    """In every structure of the request."""
    for shape in schema.request_schema()["$defs"]:
        assert len(_names(shape)) == len(schema.members(shape))


def test_a_launched_job_is_judged_and_not_fixed() -> None:
    """What it costs is reported with the names that the event has; nothing in a log is to be changed."""
    bounds = {"name": "learning_rate", "minValue": "0.0001", "maxValue": "1", "scalingType": "Linear"}
    config = {
        **PARAMETERS["hyperParameterTuningJobConfig"],
        "parameterRanges": {"continuousParameterRanges": [bounds]},
    }
    data = json.dumps({"Records": [event({**PARAMETERS, "hyperParameterTuningJobConfig": config})]}).encode()
    report = check_candidates([Candidate("log.json", data)], CheckOptions(isolated=True)).report
    found = {each.rule.id: each for each in report.findings}
    assert "strategy/excessive-parallelism" in found
    assert '"scalingType": "Logarithmic"' in " ".join(found["scale/linear-learning-rate"].text)
    assert all(each.fix is None for each in report.findings)
    assert not [each for each in report.findings if each.rule.category == "launch"]


LAUNCHED = event(eventVersion="1.11", eventID="e1", eventTime="2026-11-20T09:12:33Z")
OTHER = {"eventVersion": "1.11", "eventSource": "s3.amazonaws.com", "eventName": "GetObject", "requestParameters": None}
ROW = {
    "eventName": "CreateHyperParameterTuningJob",
    "eventID": "e1",
    "eventTime": "2026-11-20T09:12:33Z",
    "requestParameters": json.dumps(PARAMETERS),
}


def lines(*values: Any) -> bytes:
    """JSON lines."""
    return "".join(f"{json.dumps(value)}\n" for value in values).encode()


def table(*rows: dict[str, str]) -> bytes:
    """CSV with quotes around each cell, as Athena and CloudTrail Lake write it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0], quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


LOGS: dict[str, bytes] = {
    "trail.json.gz": gzip.compress(json.dumps({"Records": [OTHER, LAUNCHED, OTHER]}).encode()),
    "firehose.json.gz": gzip.compress(lines(OTHER)) + gzip.compress(lines(LAUNCHED)),
    "events.json": lines(OTHER, LAUNCHED),
    "events.jsonl": lines(LAUNCHED, OTHER),
    "events.ndjson.gz": gzip.compress(lines(OTHER, LAUNCHED)),
    "lake.json": json.dumps(
        {"QueryStatus": "FINISHED", "QueryResultRows": [[{name: value} for name, value in ROW.items()]]}
    ).encode(),
    "rows.json": json.dumps([{**ROW, "errorCode": None}]).encode(),
    "rows-of-events.json": json.dumps([{"eventData": LAUNCHED}]).encode(),
    "event-json.json": json.dumps({"QueryResultRows": [[{"eventJson": json.dumps(LAUNCHED)}]]}).encode(),
    "lake.csv": table(ROW),
    "lake.csv.gz": gzip.compress(table({"eventJson": json.dumps(LAUNCHED)})),
    "event-data.csv": table({"eventData": json.dumps(LAUNCHED)}),
    "athena.csv": table({"errorcode": "", **{name.lower(): value for name, value in ROW.items()}}),
}
"""One launch in each kind of file in which trails, CloudTrail Lake and Athena deliver events."""


@pytest.mark.parametrize("name", LOGS)
def test_a_log_is_checked_and_its_cost_is_summed(hpolint: Command, name: str) -> None:
    """However a trail or a query delivers the event, its place is that in the unpacked text, and nothing is fixed."""
    hpolint.write(name, LOGS[name])
    report = json.loads(hpolint("check", name, "--output", "json").stdout)
    (finding,) = [each for each in report["findings"] if each["rule"] == "strategy/excessive-parallelism"]
    unpacked = gzip.decompress(LOGS[name]) if name.endswith(".gz") else LOGS[name]
    assert unpacked.decode().split("\n")[finding["line"] - 1][finding["column"] - 1 :].startswith("20")
    assert finding["fix"] is None
    assert finding["carrier"].startswith("event `e1` of 2026-11-20T09:12:33Z")
    assert ("unpacked" in finding["carrier"]) == name.endswith(".gz")
    costs = json.loads(hpolint("cost", name, "--output", "json").stdout)
    assert [each["launched"] for each in costs["jobs"]] == [True]
    assert costs["totals"]["launched"]["hours"] == costs["jobs"][0]["hours"]


def test_the_places_of_all_values_in_a_table_are_exact() -> None:
    """A quote in a cell of CSV is written twice, and the columns after it are right nevertheless."""
    (job,) = read_source("lake.csv", LOGS["lake.csv"])[1].jobs
    limits = follow(job.request, ("HyperParameterTuningJobConfig", "ResourceLimits"))
    assert isinstance(limits, Struct)
    assert job.source.read(limits.keys["MaxParallelTrainingJobs"]) == '""maxParallelTrainingJobs""'


@pytest.mark.parametrize("cell", ["{hyperParameterTuningJobName=search}", "", "{broken"])
def test_a_request_that_a_row_does_not_show_is_unknown(cell: str) -> None:
    """Such as a map in the notation of Presto, which has no rule for the quotes in it."""
    (job,) = read_source("lake.csv", table({**ROW, "requestParameters": cell}))[1].jobs
    assert isinstance(follow(job.request, ("HyperParameterTuningJobConfig",)), Unknown)


def test_a_map_of_strings_is_read_as_the_values_that_they_spell() -> None:
    """CloudTrail Lake's column is a map of strings, in which structures are strings of JSON."""
    strings = {name: value if isinstance(value, str) else json.dumps(value) for name, value in PARAMETERS.items()}
    (job,) = read_source("lake.csv", table({**ROW, "requestParameters": json.dumps(strings)}))[1].jobs
    assert isinstance(follow(job.request, ("HyperParameterTuningJobConfig", "Strategy")), Scalar)


def test_rows_of_other_events_and_refused_requests_are_no_jobs() -> None:
    """Nor does a broken line hide those before it."""
    assert not read_source("lake.csv", table({**ROW, "errorCode": "ValidationException"}))[1].jobs
    assert not read_source("lake.csv", table({**ROW, "eventName": "CreateTrainingJob"}))[1].jobs
    broken = read_source("events.jsonl", lines(LAUNCHED) + b'{"eventName": "CreateHyperParameterTuningJob", ')[1]
    assert (len(broken.jobs), len(broken.problems)) == (1, 1)


def bomb(start: bytes, megabytes: int) -> bytes:
    """A small gzip file of many megabytes."""
    packer = zlib.compressobj(1, wbits=31)
    pieces = [packer.compress(start), *(packer.compress(b" " * 2**20) for _ in range(megabytes)), packer.flush()]
    return b"".join(pieces)


@posix
def test_a_gzip_bomb_is_refused_in_bounded_memory(hpolint: Command) -> None:
    """The limits are those of the unpacked bytes, and no more is unpacked than is searched."""
    start = json.dumps({"Records": [LAUNCHED]})[:-2].encode()
    hpolint.write("bomb.json.gz", bomb(start, 200))
    run = hpolint("check", ".")
    assert run.returncode == 1
    assert b"larger than 64 MB unpacked, so it was not parsed" in run.stdout
    hpolint.write("bomb.json.gz", bomb(b'{"eventName": "GetObject"', 200))
    run = hpolint("check", ".")
    assert b"bomb.json.gz: larger than 128 MB unpacked: the rest of it was not searched" in run.stderr


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("other.json.gz", bomb(b'{"rows": [', 200)),
        ("pointer.json.gz", b"version https://git-lfs.github.com/spec/v1\n"),
        ("cut.json.gz", bomb(b'{"rows": [', 1)[:60]),
        ("model.tar.gz", gzip.compress(json.dumps({"Records": [LAUNCHED]}).encode())),
        ("table.csv", LOGS["lake.csv"]),
    ],
)
def test_a_tree_with_other_files_stays_cheap(tmp_path: Path, name: str, data: bytes) -> None:
    """Of a packed file without events only the start is unpacked; others, and tables, are not opened at all."""
    (tmp_path / name).write_bytes(data)
    unpacked = 0
    original = UnpackedFile.read

    def counted(file: UnpackedFile, size: int) -> bytes:
        nonlocal unpacked
        found = original(file, size)
        unpacked += len(found)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UnpackedFile, "read", counted)
        report = check_paths([str(tmp_path)], CheckOptions(isolated=True))
    assert (report.jobs, report.unreadable, report.notices) == ([], [], [])
    assert unpacked <= 64 * 1024


def test_damaged_packed_events_are_reported(hpolint: Command) -> None:
    """What cannot be unpacked to its end may hide a launch."""
    hpolint.write("cut.json.gz", LOGS["trail.json.gz"][:-20])
    run = hpolint("check", ".")
    assert run.returncode == 2
    assert b"cut.json.gz: cannot be read: its gzip data ends too early" in run.stderr
