"""``hpolint cost`` as people and programs use it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from hpolint.reporters.layout import cells
from tests.conftest import ROOT, Command
from tests.cost.jobs import definition, request_of

TABLE = "type,price,currency\nml.m5.large,0.5,EUR\n"


def job(name: str, cap: Any = 3600, **changes: Any) -> str:
    """A request of that name."""
    return json.dumps(request_of(definition(cap), HyperParameterTuningJobName=name, **changes), indent=1)


def out(hpolint: Command, *arguments: str, code: int = 0, stdin: bytes = b"") -> str:
    """What the command prints, ended with the right code."""
    run = hpolint("cost", *arguments, stdin=stdin)
    assert run.returncode == code, run.stderr.decode()
    return run.stdout.decode()


def test_the_table_fits_a_terminal_of_eighty_columns() -> None:
    """But for paths, which are never broken: they can be copied then."""
    lines = out(Command(ROOT), "fixtures", code=2).splitlines()
    assert lines[1].split() == ["job", "trials", "at", "once", "rounds", "hours", "USD"]
    places = [line for line in lines if line.startswith("  fixtures/")]
    assert len(places) > 40
    assert [line for line in lines if cells(line) > 80 and line not in places] == []


def test_jobs_have_the_order_of_their_cost(hpolint: Command) -> None:
    """Jobs with written limits by descending cost; then those that only the default bounds, then unknown ones."""
    hpolint.write("cheap.json", job("cheap", 600))
    hpolint.write("dear.json", job("dear", 7200))
    hpolint.write("uncapped.json", job("uncapped", None))
    hpolint.write("open.json", job("open", "$CAP"))
    found = json.loads(out(hpolint, "--output", "json"))
    assert [each["name"] for each in found["jobs"]] == ["dear", "cheap", "uncapped", "open"]
    assert [each["hours"]["kind"] for each in found["jobs"]] == ["exact", "exact", "exact", "at least"]
    assert "is the placeholder $CAP" in found["jobs"][3]["open"][0]
    assert found["totals"]["default"]["hours"] == {"amount": 240.0, "kind": "exact"}
    assert found["totals"]["written"]["hours"]["kind"] == "at least"
    text = out(hpolint)
    assert text.index("dear") < text.index("cheap") < text.index("uncapped") < text.index("\nopen ")
    assert "at most 24 h per trial (service default)" in text
    assert "unknown: 1 of 4 jobs, 1 without a figure" in text


def test_a_written_cap_of_a_day_is_no_default(hpolint: Command) -> None:
    """It equals the service's limit, and counts like any other that is written."""
    hpolint.write("day.json", job("day", 86_400))
    (found,) = json.loads(out(hpolint, "--output", "json"))["jobs"]
    assert found["limits_written"] is True
    text = out(hpolint)
    assert "at most 24 h per trial" in text
    assert "default" not in text
    assert "total with explicit limits" in text


def test_prices_regions_and_lengths_come_from_the_configuration(hpolint: Command) -> None:
    """Relative to its folder, for all jobs and for single ones; the command line outweighs them."""
    hpolint.write("money/prices.csv", TABLE)
    hpolint.write(
        "hpolint.toml",
        '[cost]\nprices = "money/prices.csv"\ntrial-minutes = 30\nlaunches-per-month = 4\n'
        "[cost.jobs.second]\ntrial-minutes = 6\nlaunches-per-month = 1\n",
    )
    hpolint.write("a.json", job("first"))
    hpolint.write("b.json", job("second"))
    found = {each["name"]: each for each in json.loads(out(hpolint, "-o", "json"))["jobs"]}
    assert found["first"]["money"] == {"amount": 5.0, "kind": "exact"}
    assert found["first"]["likely"]["hours"]["expected"] == 5.0
    assert found["second"]["likely"]["hours"]["expected"] == 1.0
    assert (found["first"]["launches_per_month"], found["second"]["launches_per_month"]) == (4, 1)
    assert "4 launches per month: 40 instance-hours at worst, 20.00 EUR" in out(hpolint)
    given = json.loads(out(hpolint, "-o", "json", "--trial-minutes", "60", "--prices", "none"))
    assert given["prices"] is None
    assert {each["likely"]["hours"]["expected"] for each in given["jobs"]} == {10.0}


def test_without_prices_a_few_indicative_ones_count_and_are_said_to_be_that(hpolint: Command) -> None:
    """In their own region only."""
    hpolint.write("a.json", job("first"))
    assert "USD: indicative prices for us-east-1 (public sources, 2026-09-24)" in out(hpolint)
    assert "USD" not in out(hpolint, "--region", "eu-west-1")


def test_the_outputs_for_programs_and_pull_requests(hpolint: Command) -> None:
    """CSV has a row for each job, whose texts no spreadsheet takes for formulas; Markdown a table."""
    hpolint.write("a.json", job("first"))
    (row,) = csv.DictReader(io.StringIO(out(hpolint, "-o", "csv")))
    assert (row["name"], row["trials"], row["hours"], row["hours_kind"]) == ("first", "10", "10.0", "exact")
    lines = out(hpolint, "-o", "markdown").splitlines()
    assert lines[0] == "| job | where | trials | at once | rounds | instance-hours at worst | USD |"
    assert lines[2].startswith("| first | a.json, line 2 | 10 | 2 | 5 | 10 | 1.15 |")


def test_standard_input_and_a_tree_without_jobs(hpolint: Command) -> None:
    """One job is printed; without any job the output says so."""
    assert "piped" in out(hpolint, "-", stdin=job("piped").encode())
    hpolint.write("nothing.py", "print()\n")
    assert out(hpolint) == "no tuning jobs found in 1 file\n"


def test_a_job_that_runs_elsewhere_is_in_no_total(hpolint: Command) -> None:
    """Local mode bills nothing."""
    local = request_of(definition(InstanceType="local"), HyperParameterTuningJobName="here")
    hpolint.write("local.json", json.dumps(local))
    text = out(hpolint)
    assert "local" in text
    assert "total" not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "xml"), "--output: unknown value `xml`: use text, json, csv, markdown"),
        (("--job", "third"), "no job is named `third`; there are first, a.json"),
        (("--trial-minutes", "5", "--trials", "x.json"), "--trial-minutes cannot be combined with --trials"),
        (("--trials", "x.json"), "x.json: cannot be read"),
        (("--prices", "a.json"), "a.json:1: not an offer file"),
        (("--tradeoff",), "this job has 9"),
        (("--tradeoff", "-o", "csv"), "unknown output `csv`: `hpolint cost --tradeoff` supports text and json"),
        (("--config", "cost.spot-discount=1.5"), "expected a number above 0 and at most 1"),
        (("--config", "cost.prices='none.csv'"), "none.csv: cannot be read"),
    ],
)
def test_invalid_arguments_are_refused(hpolint: Command, arguments: tuple[str, ...], message: str) -> None:
    """With exit code 2, one line with the error, and nothing on standard output."""
    hpolint.write("a.json", job("first", limits={"MaxNumberOfTrainingJobs": 9, "MaxParallelTrainingJobs": 1}))
    run = hpolint("cost", *arguments)
    assert run.returncode == 2
    assert message in run.stderr.decode()
    assert run.stdout == b""


def test_a_file_that_cannot_be_read_fails_the_command_and_no_other_file(hpolint: Command) -> None:
    """The other job is still printed."""
    hpolint.write("a.json", job("first"))
    hpolint.write("broken.json", '{"HyperParameterTuningJobConfig": {"a": 1,')
    run = hpolint("cost")
    assert b"first" in run.stdout
    assert b"broken.json:1" in run.stderr
    assert run.returncode == 2


def test_the_tradeoff_of_one_job(hpolint: Command) -> None:
    """A row for each number at once that was measured."""
    limits = {"MaxNumberOfTrainingJobs": 40, "MaxParallelTrainingJobs": 10}
    hpolint.write("a.json", job("wide", limits=limits))
    text = out(hpolint, "--tradeoff", "--trial-minutes", "20")
    assert "wide (a.json, line 2): 40 trials of Bayesian search, 20 minutes per trial" in text
    assert all(cells(line) <= 82 for line in text.splitlines())
    found = json.loads(out(hpolint, "--tradeoff", "-o", "json"))
    assert [each["at_once"] for each in found["choices"]] == [1, 4, 5, 8, 10, 14, 20, 40]


def test_a_dict_that_nothing_uses_does_not_count(hpolint: Command) -> None:
    """Its row says so; the same dict counts where other code gets it."""
    request = f"request = {request_of(definition(), HyperParameterTuningJobName='job')!r}\n"
    hpolint.write("job.py", request)
    (found,) = json.loads(out(hpolint, "--output", "json"))["jobs"]
    assert (found["counted"], found["hours"]["amount"]) == (False, 10.0)
    assert "nothing in its file uses it" in out(hpolint)
    hpolint.write("job.py", f"{request}start(request)\n")
    (found,) = json.loads(out(hpolint, "--output", "json"))["jobs"]
    assert found["counted"] is True
