"""``hpolint diff`` reports what changed in the jobs, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command
from tests.cost.jobs import definition, request_of
from tests.diff.repositories import Repository, fields
from tests.harness.git import git
from tests.harness.notebooks import notebook

LIMIT = "HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs"

TUNER = """\
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

estimator = Estimator("image", role, 1, "ml.m5.xlarge", max_run=3600)
{name} = HyperparameterTuner(
    estimator,
    "validation:auc",
    {{"eta": ContinuousParameter(0.01, 0.3), "alpha": ContinuousParameter({low}, 2)}},
    [{{"Name": "validation:auc", "Regex": "auc=(.*)"}}],
    max_jobs={trials},
    max_parallel_jobs=2,
)
{name}.fit()
"""

ROLE = "role = 'arn:aws:iam::123456789012:role/r'"


def tuner(trials: Any = 20, name: str = "tuner", low: str = "0.5") -> str:
    """A program that tunes."""
    return TUNER.format(trials=trials, name=name, low=low)


def request(name: str = "churn", trials: Any = 20, **changes: Any) -> str:
    """A request."""
    limits = {"MaxNumberOfTrainingJobs": trials, "MaxParallelTrainingJobs": 2}
    return json.dumps(request_of(definition(), HyperParameterTuningJobName=name, limits=limits, **changes), indent=1)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with a program, a notebook and a request, committed."""
    found = Repository(tmp_path)
    found.write("train/tune.py", tuner())
    found.write("tune.ipynb", notebook(ROLE, tuner()))
    found.write("churn.json", request())
    found.commit()
    return found


def test_nothing_changed(repository: Repository) -> None:
    """Not a job, and Markdown is empty: nothing is posted."""
    found = repository.diff("HEAD")
    assert (found["jobs"], found["unchanged"], found["increase"]) == ([], 3, 0.0)
    assert repository("diff", "HEAD", "-o", "markdown").stdout == b""
    assert b"none changed; 3 unchanged" in repository("diff", "HEAD").stdout


def test_a_changed_value_is_reported_by_the_sources_name_with_its_cost(repository: Repository) -> None:
    """20 trials of an hour become 200."""
    repository.write("train/tune.py", tuner(200))
    (job,) = repository.diff("HEAD")["jobs"]
    assert (job["kind"], job["path"], job["variable"]) == ("changed", "train/tune.py", "tuner")
    assert fields(job) == {LIMIT: ("20", "200")}
    assert (job["hours"]["before"]["amount"], job["hours"]["after"]["amount"]) == (20.0, 200.0)
    text = repository("diff", "HEAD").stdout.decode()
    assert "max_jobs: 20 → 200" in text
    assert "20 → 200 instance-hours at worst (+180, +900 %)" in text
    assert "total: 60 → 240 instance-hours at worst (+180, +300 %)" in text


def test_a_ranges_value_is_reported_with_its_name(repository: Repository) -> None:
    """At any index of the list of ranges."""
    repository.write("train/tune.py", tuner(low="0.1"))
    (job,) = repository.diff("HEAD")["jobs"]
    assert [each["name"] for each in job["fields"]] == ["alpha.min_value"]


@pytest.mark.parametrize(
    "changed",
    [
        {"train/tune.py": None, "jobs/launch.py": tuner()},
        {"train/tune.py": "# a comment\n\n" + tuner()},
        {"train/tune.py": tuner(name="search")},
        {"tune.ipynb": notebook("# first", tuner(), ROLE)},
        {"tune.ipynb": None, "deep/er/other.ipynb": notebook(ROLE, tuner())},
        {"churn.json": None, "later.json": request()},
        {"churn.json": json.dumps(json.loads(request()))},
        {"churn.json": request("renamed")},
    ],
)
def test_what_is_moved_or_renamed_is_the_same_job(repository: Repository, changed: dict[str, str | None]) -> None:
    """A file, a cell, a variable, a layout: no job is new or gone, and none costs anything else."""
    for name, text in changed.items():
        if text is None:
            (repository.folder / name).unlink()
        else:
            repository.write(name, text)
    for found in (repository.diff("HEAD"), repository.diff(repository_before(repository), "HEAD")):
        assert [each["kind"] for each in found["jobs"] if each["kind"] != "changed"] == []
        assert found["hours"]["before"] == found["hours"]["after"] == 60.0


def repository_before(repository: Repository) -> str:
    """The commit before what is there is committed."""
    before = git(repository.folder, "rev-parse", "HEAD")
    repository.commit()
    return before


def test_a_job_in_a_renamed_file_that_changes_is_that_job(repository: Repository) -> None:
    """In a commit, and in the working tree also without `git mv`, in a file that git does not track yet."""
    before = git(repository.folder, "rev-parse", "HEAD")
    (repository.folder / "churn.json").unlink()
    repository.write("later.json", request(trials=30))
    changed = [repository.diff("HEAD")["jobs"]]
    repository.commit()
    for (job,) in (*changed, repository.diff(before, "HEAD")["jobs"]):
        assert (job["kind"], job["earlier_path"], job["path"]) == ("changed", "churn.json", "later.json")


def test_jobs_that_come_and_go(repository: Repository) -> None:
    """A new job's cost counts from 0; a removed job is not in the total."""
    repository.write("new.json", request("new", 50))
    (repository.folder / "train/tune.py").unlink()
    repository.write("tune.ipynb", notebook(ROLE, tuner(), tuner(9, "other", "0.7")))
    found = repository.diff("HEAD")
    assert sorted((each["kind"], each["path"]) for each in found["jobs"]) == [
        ("added", "new.json"),
        ("added", "tune.ipynb"),
        ("removed", "train/tune.py"),
    ]
    assert (found["hours"], found["increase"]) == ({"before": 40.0, "after": 99.0}, pytest.approx(59 / 40))
    assert "not in the total: 1 removed, 20 instance-hours at worst" in repository("diff", "HEAD").stdout.decode()


def test_what_becomes_unknown_is_counted_and_fails_only_where_that_is_asked(repository: Repository) -> None:
    """A cost that is no longer known is not a cost of 0."""
    repository.write("churn.json", request(trials="$TRIALS"))
    found = repository.diff("HEAD")
    assert (found["without_figure"], found["lost"], found["increase"]) == (1, 1, 0.0)
    assert repository("diff", "HEAD", "--fail-on-increase", "0%").returncode == 0
    run = repository("diff", "HEAD", "--fail-on-unknown")
    assert run.returncode == 1
    assert b"the worst-case cost of 1 job is no longer known" in run.stderr
    assert b"not in the total: 1 known before, unknown now: churn" in run.stdout


def test_writing_a_default_value_is_a_change(repository: Repository) -> None:
    """The value is the same, but it is now written."""
    text = tuner().replace(", max_run=3600", "")
    repository.write("train/tune.py", text)
    before = repository.commit()
    repository.write("train/tune.py", text.replace('"ml.m5.xlarge"', '"ml.m5.xlarge", max_run=86400'))
    (job,) = repository.diff(before)["jobs"]
    (field,) = [each for each in job["fields"] if each["path"].endswith("MaxRuntimeInSeconds")]
    assert (field["before"], field["after"]) == ("86400", "86400")
    assert (field["before_default"], field["after_default"]) == (True, False)
    assert b"max_run: 86400, now explicit (was the default)" in repository("diff", before).stdout
    repository.write("train/tune.py", text.replace('"ml.m5.xlarge"', '"ml.m5.xlarge", max_run=7200'))
    assert b"limits now explicit" in repository("diff", before).stdout


@pytest.mark.parametrize(("most", "code"), [("300%", 0), (" 300 %", 0), ("299%", 1), ("20%", 1), ("0.2", 1), ("0", 1)])
def test_an_increase_fails_from_the_part_that_is_said(repository: Repository, most: str, code: int) -> None:
    """60 instance-hours become 240: 300 % more."""
    repository.write("churn.json", request(trials=200))
    assert repository("diff", "HEAD", "--fail-on-increase", most).returncode == code


def test_a_job_that_nothing_bounds_any_more_is_an_increase(repository: Repository) -> None:
    """No limit is no unknown: it is the dearest of all."""
    text = json.loads(request())
    del text["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"]
    repository.write("churn.json", json.dumps(text))
    run = repository("diff", "HEAD", "--fail-on-increase", "1000%")
    assert run.returncode == 1
    assert b"churn has no limit on its instance-hours (churn.json, line 1)" in run.stderr
    assert "20 → no limit on instance-hours" in run.stdout.decode()
    assert repository.diff("HEAD")["unbounded"] == 1


def test_the_first_job_of_a_repository_is_an_increase_from_nothing(tmp_path: Path) -> None:
    """An increase from zero has no percentage, so it fails."""
    repository = Repository(tmp_path)
    repository.write("readme.py", "print()\n")
    before = repository.commit()
    repository.write("churn.json", request())
    run = repository("diff", before, "--fail-on-increase", "1000%")
    assert run.returncode == 1
    assert b"worst-case hours or money grow from zero" in run.stderr


def test_new_findings_fail_where_that_is_asked_and_notes_do_not_count(repository: Repository) -> None:
    """A new warning does; what was there before, and what got milder, is not new."""
    repository.write("churn.json", request(trials=21))
    assert repository("diff", "HEAD", "--fail-on-new").returncode == 0
    repository.write("churn.json", request(trials=21).replace("0.1", "0.5").replace('"0.5"', '"9"', 1))
    run = repository("diff", "HEAD", "--fail-on-new")
    assert run.returncode == 1
    assert b"+ error[" in run.stdout


def test_resolved_findings_are_reported(repository: Repository) -> None:
    """The findings of the earlier state that the later state does not have."""
    repository.write("wrong.json", request("wrong").replace('"Bayesian"', '"Baysian"'))
    before = repository.commit()
    repository.write("wrong.json", request("wrong"))
    (job,) = repository.diff(before)["jobs"]
    assert "launch/invalid-request" in [each["rule"] for each in job["resolved"]]


def test_both_states_are_judged_by_the_later_configuration(repository: Repository) -> None:
    """Switching a rule on does not make an old job's finding new; switching one off resolves none."""
    repository.write("hpolint.toml", 'select = ["ALL"]\n')
    assert repository.diff("HEAD")["jobs"] == []
    repository.commit()
    repository.write("hpolint.toml", 'ignore = ["ALL"]\n')
    assert repository.diff("HEAD")["jobs"] == []


def test_a_change_that_ends_a_waiver_is_a_new_finding(repository: Repository) -> None:
    """A waiver by the name of the repository holds in both states; that of another definition holds in the first."""
    git(repository.folder, "remote", "add", "origin", "git@github.com:acme/churn.git")
    lock = 'select = ["policy/require-vpc"]\n[rules.require-vpc]\nlocked = true\n'
    repository.write("hpolint.toml", lock)
    table = repository("waiver", "require-vpc", "churn.json").stdout.decode()
    done = re.sub(r'(reason|approved-by) = ""', r'\1 = "the pilot"', re.sub(r"(?m)^file = .*\n", "", table))
    assert 'repository = "acme/churn"' in done
    repository.write("hpolint.toml", lock + done)
    repository.commit()
    repository.write("churn.json", request(trials=21))
    (job,) = repository.diff("HEAD")["jobs"]
    assert [each["rule"] for each in job["new"]] == ["policy/require-vpc"]


def test_a_later_file_that_cannot_be_read_is_reported(repository: Repository) -> None:
    """A definition that becomes invalid is a new finding, not a removed job."""
    repository.write("churn.json", request()[:-20])
    found = repository.diff("HEAD")
    assert [each["rule"] for each in found["new"]] == ["hygiene/unreadable-definition"]
    assert ([each["kind"] for each in found["jobs"]], found["lost"], found["without_figure"]) == (["unread"], 1, 1)
    assert b"unknown, because the file cannot be read" in repository("diff", "HEAD").stdout
    assert repository("diff", "HEAD", "--fail-on-new").returncode == 1
    assert repository("diff", "HEAD", "--fail-on-unknown").returncode == 1


def test_what_runs_on_the_own_machine_costs_nothing(repository: Repository) -> None:
    """As where local mode was switched on to try something, and is committed."""
    repository.write("train/tune.py", tuner().replace("ml.m5.xlarge", "local"))
    assert repository.diff("HEAD")["hours"] == {"before": 60.0, "after": 40.0}


def test_three_dots_begin_where_the_branches_part(repository: Repository) -> None:
    """What the other branch has since is none of this one's."""
    git(repository.folder, "checkout", "-q", "-b", "topic")
    repository.write("churn.json", request(trials=30))
    repository.commit()
    git(repository.folder, "checkout", "-q", "main")
    repository.write("train/tune.py", tuner(90))
    repository.commit()
    (job,) = repository.diff("main...topic")["jobs"]
    assert job["path"] == "churn.json"
    assert {each["path"] for each in repository.diff("main", "topic")["jobs"]} == {"churn.json", "train/tune.py"}


def test_markdown_begins_with_its_marker_and_mentions_no_user(repository: Repository) -> None:
    """The marker lets one comment be overwritten; a job's name is escaped text."""
    repository.write("new.json", request("new", Tags=[{"Key": "a", "Value": "@everyone | <img>"}]))
    repository.write("train/tune.py", tuner(200))
    text = repository("diff", "HEAD", "-o", "markdown").stdout.decode()
    assert text.startswith("<!-- hpolint-diff -->\n### hpolint: tuning jobs: 1 changed, 1 new; 2 unchanged\n")
    assert r"| tuner<br>train/tune.py, line 5 | max\_jobs: 20 → 200 |" in text
    assert "@" not in text
    assert " <img" not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing",), "git finds no revision `nothing`"),
        (("--", "--output=x"), "git finds no revision `--output=x`"),
        (("HEAD...HEAD", "HEAD"), "names both revisions"),
        (("HEAD", "--fail-on-increase", "much"), "`much` is not a percentage"),
        (("HEAD", "--fail-on-increase", "-1"), "`-1` is not a percentage"),
        (("HEAD", "--fail-on-increase", "20"), "`20` is ambiguous: write `20%` or `2000%`"),
        (("HEAD~1..HEAD",), "`HEAD~1..HEAD` is not a revision: write `A B`, or `A...B`"),
        (("HEAD", "-o", "xml"), "--output: unknown value `xml`: use text, json, markdown"),
    ],
)
def test_what_cannot_be_compared_is_refused(repository: Repository, arguments: tuple[str, ...], message: str) -> None:
    """With exit code 2 and the reason."""
    run = repository("diff", *arguments)
    assert run.returncode == 2
    assert message in run.stderr.decode()


def test_outside_of_a_repository_it_is_said(tmp_path: Path) -> None:
    """There are no revisions to compare."""
    run = Command(tmp_path)("diff", "HEAD", GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert run.returncode == 2
    assert b"not a git repository" in run.stderr


def at_least(trials: int, **changes: Any) -> str:
    """A request whose number of instances is unknown: what it costs has a lower bound."""
    limits = {"MaxNumberOfTrainingJobs": trials, "MaxParallelTrainingJobs": 2}
    return json.dumps(request_of(definition(InstanceCount="$COUNT", **changes), limits=limits), indent=1)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (at_least(10), at_least(100), 1),
        (at_least(100), at_least(10), 0),
        (request("x", 10), at_least(1000), 1),
        (request("x", 1000), at_least(10), 0),
        (at_least(10), request("x", 9), 0),
    ],
)
def test_a_lower_bound_that_grows_is_an_increase(tmp_path: Path, before: str, after: str, code: int) -> None:
    """What is unknown in both is so in both; a bound above what was known proves that it grew."""
    repository = Repository(tmp_path)
    repository.write("job.json", before)
    repository.commit()
    repository.write("job.json", after)
    assert repository("diff", "HEAD", "--fail-on-increase", "50%").returncode == code


def test_a_dearer_machine_is_an_increase(repository: Repository) -> None:
    """As many hours, for a hundred times the price: the budget is money where there are prices."""
    repository.write("prices.csv", "type,price\nml.m5.large,0.1\nml.m5.xlarge,0.2\nml.p4d.24xlarge,20\n")
    repository.write("hpolint.toml", '[cost]\nprices = "prices.csv"\n')
    repository.commit()
    repository.write("churn.json", request().replace("ml.m5.large", "ml.p4d.24xlarge"))
    found = repository.diff("HEAD")
    assert found["hours"] == {"before": 60.0, "after": 60.0}
    assert found["money"] == {"before": 10.0, "after": 408.0, "currency": "USD", "unpriced": 0}
    assert found["increase"] == pytest.approx(39.8)
    run = repository("diff", "HEAD", "--fail-on-increase", "20%")
    assert run.returncode == 1
    assert "10.00 → 408.00 USD (+3,980 %)" in run.stdout.decode()


def test_money_that_some_jobs_are_not_in_says_so(repository: Repository) -> None:
    """Hours of all jobs beside the price of some would seem to be the price of all."""
    repository.write("prices.csv", "type,price\nml.m5.large,0.1\n")
    repository.write("hpolint.toml", '[cost]\nprices = "prices.csv"\n')
    repository.write("other.json", request("other").replace("ml.m5.large", "ml.p4d.24xlarge"))
    repository.commit()
    repository.write("churn.json", request(trials=40))
    unpriced = repository.diff("HEAD")["money"]["unpriced"]
    assert unpriced == 3  # the two tuners' machines are not in the file either
    assert " USD (+100 %) without 3 jobs that have no price" in repository("diff", "HEAD").stdout.decode()


def test_a_cost_that_is_no_longer_known_leaves_no_arrow_without_an_end(repository: Repository) -> None:
    """The hours say already that the worst case is unknown."""
    repository.write("train/tune.py", tuner("int(input())"))
    assert "    20 → unknown instance-hours at worst\n" in repository("diff", "HEAD").stdout.decode()


def test_prices_are_those_of_the_later_state(repository: Repository) -> None:
    """As the rules are: from a subfolder, too, and whatever is checked out."""
    repository.write("prices.csv", "type,price,currency\nml.m5.large,0.1,EUR\n")
    repository.write("hpolint.toml", '[cost]\nprices = "prices.csv"\n')
    repository.write("churn.json", request(trials=40))
    last = repository.commit()
    git(repository.folder, "checkout", "-q", "HEAD~1")
    assert repository.diff("HEAD", last)["money"]["currency"] == "EUR"
    git(repository.folder, "checkout", "-q", last)
    assert Command(repository.folder / "train")("diff", "HEAD~1").stdout.count(b"EUR") > 0


def test_a_configuration_that_is_named_is_found_from_here(repository: Repository) -> None:
    """Wherever the states are read."""
    repository.write("train/other.toml", 'ignore = ["ALL"]\n')
    repository.write("churn.json", request(trials=0))
    assert repository("diff", "HEAD", "--fail-on-new").returncode == 1
    below = Command(repository.folder / "train")
    assert below("diff", "HEAD", "--fail-on-new", "--config", "other.toml").returncode == 0


def test_a_sparse_checkout_lacks_no_job(repository: Repository) -> None:
    """What is in the index alone is there."""
    git(repository.folder, "sparse-checkout", "set", "--no-cone", "/tune.ipynb")
    assert not (repository.folder / "churn.json").exists()
    found = repository.diff("HEAD")
    assert (found["jobs"], found["unchanged"]) == ([], 3)


def test_a_bare_repository_has_revisions(repository: Repository, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two of them can be compared if the user names it, and one with nothing cannot. It may be a file of a clone."""
    repository.write("churn.json", request(trials=30))
    repository.commit()
    folder = tmp_path_factory.mktemp("bare")
    git(folder, "clone", "-q", "--bare", str(repository.folder), "copy")
    bare = Command(folder / "copy")
    assert "20 → 30" in bare("diff", "HEAD~1", "HEAD", "--git-dir", ".").stdout.decode()
    assert "20 → 30" in Command(folder)("diff", "HEAD~1", "HEAD", "--git-dir", "copy").stdout.decode()
    run = bare("diff", "HEAD~1", "--git-dir", ".")
    assert run.returncode == 2
    assert b"a bare repository has no working tree" in run.stderr
    run = bare("diff", "HEAD~1", "HEAD")
    assert run.returncode == 2
    assert b"name a bare repository with `--git-dir .`" in run.stderr


def test_what_a_value_can_be_is_compared(repository: Repository) -> None:
    """A branch that is not taken in the text may be taken in the run: 200 trials that become 2,000 are a change."""
    text = "import sys\nn = 10\nif len(sys.argv) > 1:\n    n = CHOICE\n" + tuner("n")
    repository.write("train/tune.py", text.replace("CHOICE", "200"))
    before = repository.commit()
    repository.write("train/tune.py", text.replace("CHOICE", "2000"))
    (job,) = repository.diff(before)["jobs"]
    assert (job["hours"]["before"], job["hours"]["after"]) == (
        {"amount": 200.0, "kind": "at most"},
        {"amount": 2000.0, "kind": "at most"},
    )
    assert repository("diff", before, "--fail-on-increase", "20%").returncode == 1


def test_of_jobs_with_as_much_in_common_the_likest_are_one(repository: Repository) -> None:
    """The first of two tuners of one name goes: the second is not taken for it."""
    both = tuner(10) + tuner(40, low="0.6")
    repository.write("train/tune.py", both)
    before = repository.commit()
    repository.write("train/tune.py", tuner(50, low="0.6"))
    found = {each["kind"]: each for each in repository.diff(before)["jobs"]}
    assert fields(found["changed"]) == {LIMIT: ("40", "50")}
    assert found["removed"]["hours"]["before"]["amount"] == 10.0


def test_files_that_swap_their_jobs_swap_nothing_else(repository: Repository) -> None:
    """A job is identified by its own name, not by its file."""
    for one, other in (("a", "b"), ("b", "a")):
        repository.write("one.json", request(one, 10 if one == "a" else 90))
        repository.write("other.json", request(other, 10 if other == "a" else 90))
        before = repository.commit()
    assert repository.diff("HEAD~1", before)["hours"] == {"before": 160.0, "after": 160.0}
    assert all(not each["fields"] for each in repository.diff("HEAD~1", before)["jobs"])


def test_a_new_definition_that_the_configuration_speaks_of_is_new(repository: Repository) -> None:
    """An entry about a file makes it no part of the configuration, which both states share."""
    repository.write("new.yaml", request("new"))
    repository.write("hpolint.toml", '[per-file-ignores]\n"new.yaml" = ["missing-spot"]\n')
    assert [each["kind"] for each in repository.diff("HEAD")["jobs"]] == ["added"]


def test_the_sdks_configuration_is_that_of_the_later_state(repository: Repository) -> None:
    """It fills what a job does not say: that it changed changes no job."""
    text = "SchemaVersion: '1.0'\nSageMaker:\n  TrainingJob:\n    EnableNetworkIsolation: VALUE\n"
    repository.write("hpolint.toml", 'sdk-config = "sdk.yaml"\n')
    repository.write("sdk.yaml", text.replace("VALUE", "true"))
    repository.commit()
    repository.write("sdk.yaml", text.replace("VALUE", "false"))
    assert repository.diff("HEAD")["jobs"] == []


def test_a_changed_default_of_a_parameter_changes_the_cost(tmp_path: Path) -> None:
    """A template whose parameter has another default: the cost with each default, which the line names."""

    def template(trials: int) -> str:
        properties = json.loads(request(trials="TRIALS"))
        resource = {"Type": "AWS::SageMaker::HyperParameterTuningJob", "Properties": properties}
        parameters = {"Trials": {"Type": "Number", "Default": trials}}
        text = json.dumps({"Parameters": parameters, "Resources": {"Job": resource}}, indent=1)
        return text.replace('"TRIALS"', '{"Ref": "Trials"}')

    found = Repository(tmp_path)
    found.write("template.json", template(20))
    found.commit()
    found.write("template.json", template(30))
    run = found("diff", "HEAD")
    assert b"20 \xe2\x86\x92 30 instance-hours at worst (+10, +50 %)" in run.stdout
    assert b"if `MaxNumberOfTrainingJobs` is `30`" in run.stdout
    (job,) = json.loads(found("diff", "HEAD", "--output", "json").stdout)["jobs"]
    assert job["by_default"]["after"] == ["`MaxNumberOfTrainingJobs` is `30`"]


def test_a_job_that_moves_to_another_file_into_a_function_and_changes_is_the_same(tmp_path: Path) -> None:
    """The image, the objective and the names of its ranges agree; a job with another image is not that job."""
    found = Repository(tmp_path)
    found.write("tune.py", tuner())
    found.commit()
    (found.folder / "tune.py").unlink()
    body = "".join(f"    {line}\n" for line in tuner(30, "search").splitlines())
    found.write("lib/search.py", f"def launch():\n{body}\nlaunch()\n")
    (job,) = found.diff("HEAD")["jobs"]
    assert (job["kind"], job["earlier_path"], job["path"]) == ("changed", "tune.py", "lib/search.py")
    found.write("lib/search.py", f"def launch():\n{body}\nlaunch()\n".replace('"image"', '"another"'))
    assert sorted(each["kind"] for each in found.diff("HEAD")["jobs"]) == ["added", "removed"]
