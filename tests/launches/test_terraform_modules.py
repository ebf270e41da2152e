"""A Terraform module is launched by its calls: their values are judged, wherever in the repository they stand."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import hpolint as library
from hpolint.discovery import terraform_callers
from hpolint.report.records import Diagnostic
from hpolint.report.report import Report
from tests.conftest import Command
from tests.harness.growth import assert_linear_in_time
from tests.launches.test_launches import ALLOWED, FORBIDDEN, LOCK, OPTIONS, TYPES

RESOURCE = """resource "aws_sagemaker_hyper_parameter_tuning_job" "t" {
  hyper_parameter_tuning_job_name = "t"
  hyper_parameter_tuning_job_config {
    strategy = "Bayesian"
    resource_limits {
      max_number_of_training_jobs = 20
      max_parallel_training_jobs  = PARALLEL
    }
  }
  training_job_definition {
    resource_config {
      instance_type  = TYPE
      instance_count = 1
    }
  }
}
"""
VARIABLES = """variable "kind" { default = "ml.m5.xlarge" }
variable "n" { default = 2 }
"""
MODULE = RESOURCE.replace("PARALLEL", "var.n").replace("TYPE", "var.kind")
REQUEST = {
    "HyperParameterTuningJobName": "t",
    "HyperParameterTuningJobConfig": {
        "Strategy": "Bayesian",
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 2},
    },
    "TrainingJobDefinition": {"ResourceConfig": {"InstanceType": "TYPE", "InstanceCount": 1}},
}
STATES = {
    "StartAt": "Tune",
    "States": {
        "Tune": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
            "Parameters": REQUEST,
            "End": True,
        }
    },
}


def _resource(match: re.Match[str]) -> str:
    return RESOURCE.replace("PARALLEL", "2").replace("TYPE", match[1]) if match[1] else MODULE


def _states(match: re.Match[str]) -> str:
    return json.dumps(STATES, indent=1).replace('"TYPE"', match[1])


def _states_of(kind: str) -> str:
    return json.dumps(STATES, indent=1).replace("TYPE", kind)


def _repositories() -> dict[str, dict[str, str]]:
    """The files of each repository, in which ``KIND`` stands for an instance type."""
    repositories: dict[str, dict[str, str]] = {}
    text = (Path(__file__).parent / "modules.txt").read_text()
    for section in re.split(r"^# ", text, flags=re.MULTILINE)[1:]:
        name, _, content = section.partition("\n")
        files = {"mod/main.tf": VARIABLES + MODULE}
        for part in re.split(r"^== ", content, flags=re.MULTILINE)[1:]:
            path, _, body = part.partition("\n")
            body = re.sub(r"^MODULE(?:\((.*)\))?$", _resource, body, flags=re.MULTILINE)
            files[path] = re.sub(r"STATES\((.*?)\)", _states, body)
        repositories[name] = files
    return repositories


REPOSITORIES = _repositories()


def report_of(files: dict[str, str], **changes: Any) -> Report:
    """The report on the files of a repository."""
    report = library.check(files, OPTIONS | changes, isolated=True)
    assert not report.failures
    return report


def with_kind(name: str, kind: str) -> dict[str, str]:
    """The files of a repository with an instance type."""
    return {path: text.replace("KIND", kind) for path, text in REPOSITORIES[name].items()}


@pytest.mark.parametrize("name", REPOSITORIES)
def test_no_call_of_a_module_leads_past_a_lock(name: str) -> None:
    """A forbidden instance type is an error in the module, whichever file writes it; an allowed one is none."""
    report = report_of(with_kind(name, FORBIDDEN))
    assert {(finding.rule.id, finding.source) for finding in report.findings} == {(TYPES, "mod/main.tf")}
    assert not report_of(with_kind(name, ALLOWED)).findings


def call(name: str, arguments: str = "", source: str = "../mod") -> str:
    """A call of a module."""
    return f'module "{name}" {{\n  source = "{source}"\n  {arguments}\n}}\n'


def with_default(kind: str) -> str:
    """The module with a default of its instance type."""
    return VARIABLES.replace(ALLOWED, kind) + MODULE


KEYS = "launch/too-many-hyperparameters"
BAD, OTHER = f'kind = "{FORBIDDEN}"', 'kind = "ml.m5.large"'


def findings(*calls: str, module: str = VARIABLES + MODULE, **changes: Any) -> list[Diagnostic]:
    """The findings in a module with a root's file of these calls."""
    return list(report_of({"mod/main.tf": module, "root/main.tf": "".join(calls)}, **changes).findings)


def last_sentences(*calls: str, module: str = VARIABLES + MODULE) -> list[str]:
    """The last sentence of each finding."""
    return [finding.text[-1] for finding in findings(*calls, module=module)]


def test_a_finding_shows_the_argument_of_the_call() -> None:
    """It stands at the variable's use; related places are the literal and the call, in the caller's file."""
    (finding,) = findings(call("a"), call("b", BAD))
    assert finding.text[-1] == "In 1 of 2 launches: module `b`"
    assert MODULE.splitlines()[finding.span.line - 1 - VARIABLES.count("\n")].strip() == "instance_type  = var.kind"
    places = [(place.source, place.span.line, place.name) for place in finding.related]
    assert places == [("root/main.tf", 7, "instance_type"), ("root/main.tf", 5, "launched here")]
    assert finding.fix is None


def test_a_module_with_one_call_has_no_sentence_about_launches() -> None:
    """The job is what its only call makes of it."""
    assert last_sentences(call("a", BAD)) == ["Allowed types: `ml.m5.xlarge` and `ml.m5.large`"]


def test_launches_are_named_by_their_calls() -> None:
    """By the keys of instances, the calls around a call, and folders whose calls have one name."""
    keyed = f'for_each = {{ dev = "{ALLOWED}", prod = "{FORBIDDEN}" }}\n  kind = each.value'
    assert last_sentences(call("a", keyed)) == ["In 1 of 2 launches: module `a` with key `prod`"]
    counted = call("a", f"{BAD}\n  count = 3") + call("b")
    assert last_sentences(counted) == ["In 1 of 2 launches: module `a`, once for each instance of the module"]
    files = {
        "mod/main.tf": VARIABLES + MODULE,
        "platform/main.tf": 'variable "kind" {}\n' + call("x", "kind = var.kind"),
        "dev/main.tf": call("p", OTHER, "../platform"),
        "prod/main.tf": call("p", BAD, "../platform"),
    }
    (finding,) = report_of(files).findings
    assert finding.text[-1] == "In 1 of 2 launches: module `x` in module `p` in `prod`"


def test_calls_with_different_forbidden_values_are_findings_at_each_value() -> None:
    """Each names its own value: whoever repairs one is not surprised by the next."""
    first, second = findings(call("a", BAD), call("b", 'kind = "ml.p3.2xlarge"'))
    assert [finding.text[-1] for finding in (first, second)] == [
        "In 1 of 2 launches: module `a`",
        "In 1 of 2 launches: module `b`",
    ]
    assert {first.text[0], second.text[0]} == {
        f"`{kind}` is not allowed for trials" for kind in (FORBIDDEN, "ml.p3.2xlarge")
    }


def test_the_default_of_a_module_is_the_value_of_a_call_that_leaves_it_out() -> None:
    """It is certain: a good one proves that the rule is met, a bad one breaks it without a sentence about defaults."""
    harmless = report_of({"mod/main.tf": VARIABLES + MODULE, "root/main.tf": call("a")})
    assert not harmless.findings
    assert not harmless.undecided
    assert last_sentences(call("a", OTHER), call("b"), module=with_default(FORBIDDEN)) == [
        "In 1 of 2 launches: module `b`"
    ]


def test_the_default_of_a_module_says_nothing_about_an_input_that_all_calls_set() -> None:
    """Nobody deploys the module with it, so it neither breaks a rule nor leaves one undecided."""
    calls = call("a", OTHER) + call("b", OTHER)
    report = report_of({"mod/main.tf": with_default(FORBIDDEN), "root/main.tf": calls})
    assert not report.findings
    assert not [judgement for judgement in report.undecided if judgement.rule.id == TYPES]


@pytest.mark.parametrize("folder", ["examples/complete", "tests", "mod/examples/a"])
def test_a_module_that_only_examples_call_is_judged_by_its_defaults_too(folder: str) -> None:
    """Other repositories call it, and nothing says with what."""
    source = "/".join([".."] * len(folder.split("/"))) + "/mod"
    files = {"mod/main.tf": with_default(FORBIDDEN), f"{folder}/main.tf": call("a", OTHER, source)}
    (finding,) = report_of(files).findings
    assert finding.text[-2:] == (
        f"By default, `instance_type` is `{FORBIDDEN}`",
        "In 1 of 2 launches: a call from another repository",
    )
    beside = {"root/main.tf": call("a", OTHER)}
    assert not report_of(files | beside).findings


def test_the_values_of_an_example_are_not_those_of_its_module() -> None:
    """A file that Terraform loads beside a caller sets the variables of the caller alone."""
    files = {
        "mod/main.tf": with_default(ALLOWED),
        "mod/examples/a/main.tf": call("a", OTHER, "../.."),
        "mod/examples/a/a.auto.tfvars": BAD,
    }
    assert not report_of(files).findings


def test_an_example_with_a_module_of_its_own_is_a_program() -> None:
    """The module is a part of the example: nothing else calls it."""
    files = {"examples/a/mod/main.tf": with_default(FORBIDDEN), "examples/a/main.tf": call("a", OTHER, "./mod")}
    assert not report_of(files).findings


def test_a_value_that_a_root_passes_on_is_judged_by_the_default_of_the_root() -> None:
    """Whoever deploys the root may set another one: a bad default is reported as such, a good one proves nothing."""
    passed_on = call("a", "kind = var.kind")
    root = f'variable "kind" {{ default = "{FORBIDDEN}" }}\n'
    (finding,) = findings(root, passed_on)
    assert finding.text[-1] == f"By default, `instance_type` is `{FORBIDDEN}`"
    assert [(place.source, place.span.line) for place in finding.related] == [("root/main.tf", 1)]
    report = report_of(
        {"mod/main.tf": VARIABLES + MODULE, "root/main.tf": root.replace(FORBIDDEN, ALLOWED) + passed_on}
    )
    assert [judgement.is_met_by_default for judgement in report.undecided if judgement.rule.id == TYPES] == [True]
    allowed = f'variable "kind" {{\n  validation {{\n    condition = contains(["{ALLOWED}"], var.kind)\n  }}\n}}\n'
    report = report_of({"mod/main.tf": VARIABLES + MODULE, "root/main.tf": allowed + passed_on})
    assert not [judgement for judgement in report.undecided if judgement.rule.id == TYPES]


def test_a_condition_around_a_call_makes_a_launch_that_may_happen() -> None:
    """A lock counts it, a plain rule stays undecided, and no instance is no launch."""
    switched = call("a", f"{BAD}\n  count = var.on ? 1 : 0") + call("b")
    assert last_sentences(switched) == ["In a launch that may happen: module `a`"]
    plain: dict[str, Any] = {"rules": {TYPES: {"types": [ALLOWED]}}, "select": [TYPES]}
    assert findings(switched, **plain) == []
    assert findings(call("a", f"{BAD}\n  count = 0"), call("b")) == []
    assert findings(call("a", f"{BAD}\n  for_each = {{}}"), call("b")) == []


@pytest.mark.parametrize(
    "condition",
    ["var.on ? 1 : 0", 'var.stage == "prod" ? 1 : 0', "!var.on ? 0 : 1", "var.n != null || var.on ? 0 : 1", "var.none"],
)
def test_a_job_that_a_call_turns_off_is_no_launch(condition: str) -> None:
    """The condition of its resource is evaluated with the values of the call; an unknown one turns nothing off."""
    declared = 'variable "on" {}\nvariable "stage" { default = "prod" }\nvariable "none" {}\n'
    resource = MODULE.replace('"t" {', f'"t" {{\n  count = {condition}', 1)
    calls = [call("a", f'{BAD}\n  on = false\n  stage = "dev"\n  none = 0'), call("b", "on = true\n  none = var.none")]
    assert findings(*calls, module=VARIABLES + declared + resource) == []
    unknown = call("a", f"{BAD}\n  on = var.on\n  stage = var.stage\n  n = var.n\n  none = var.none")
    assert len(findings(unknown, module=VARIABLES + declared + resource)) == 1


def test_an_unknown_collection_makes_launches_whose_values_are_not_known() -> None:
    """How often is not known either, and what the call writes itself is."""
    items = call("a", f"{BAD}\n  for_each = var.items") + call("b")
    assert last_sentences(items) == [
        "In a launch that may happen: module `a`, once for each instance of the module: how often is not known"
    ]
    assert findings(call("a", "for_each = var.items\n  kind = each.value"), call("b")) == []


@pytest.mark.parametrize(
    "declaration",
    [
        'variable "kind" {\n  default = "ml.p3.16xlarge"\n}\n',
        'variable "kind" {\n  default  = "ml.m5.xlarge"\n  nullable = true\n}\n',
    ],
)
def test_null_is_no_value(declaration: str) -> None:
    """A call that sets null leaves the member out, whatever the default."""
    module = declaration + 'variable "n" { default = 2 }\n' + MODULE
    assert findings(call("a", "kind = null"), module=module) == []


def test_null_is_the_default_where_the_variable_refuses_null() -> None:
    """With `nullable = false`."""
    module = f'variable "kind" {{\n  default  = "{FORBIDDEN}"\n  nullable = false\n}}\nvariable "n" {{ default = 2 }}\n'
    assert len(findings(call("a", "kind = null"), module=module + MODULE)) == 1


@pytest.mark.parametrize(
    ("files", "is_known"),
    [
        ({"root/main.tf": call("a", BAD)}, True),
        ({"root/main.tf": call("a", BAD, "../mod/")}, True),
        ({"root/main.tf": call("a", BAD), "root/override.tf": call("a", OTHER)}, False),
        ({"root/main.tf": call("a", BAD, "git::https://example.com/mod")}, False),
        ({"root/main.tf": call("a", BAD, "../../mod")}, False),
        ({"root/main.tf": call("a", BAD), "mod/main.tf": MODULE.replace("var.kind", "var.other")}, False),
        ({"mod/main.tf": VARIABLES + MODULE + call("a", BAD, "./")}, False),
        ({".terraform/modules/a/main.tf": call("a", BAD, "../../../mod")}, False),
    ],
)
def test_only_calls_of_the_module_count(files: dict[str, str], is_known: bool) -> None:
    """What another source, an override or another variable gives is not known, and never a finding."""
    report = report_of({"mod/main.tf": VARIABLES + MODULE} | files)
    assert bool(report.findings) == is_known
    if not is_known:
        assert TYPES in {judgement.rule.id for judgement in report.undecided}


@pytest.mark.parametrize("path", ["venv/main.tf", ".live/main.tf", "root/main.tf"])
@pytest.mark.parametrize("source", ['source = "../mod"', 'source /* a */ = /* b */ "../mod"'])
def test_a_call_is_found_in_any_folder_and_with_comments(path: str, source: str) -> None:
    """What Terraform takes, hpolint takes."""
    caller = call("a", BAD).replace('source = "../mod"', source)
    assert len(report_of({"mod/main.tf": VARIABLES + MODULE, path: caller}).findings) == 1


BROKEN = '{"module": {"a": {"source": "../mod", "kind": "' + FORBIDDEN + '"}}'
UNREAD = {
    "a call in broken JSON": {"root/main.tf.json": BROKEN},
    "a large file": {"root/main.tf": call("a", BAD) + "#" * 300_000},
    "a large file of values": {"root/main.tf": call("a"), "root/a.auto.tfvars": "#" * 300_000},
    "many files": {"root/main.tf": call("a", BAD)} | {f"root/{n}.tf": f'variable "v{n}" {{}}' for n in range(205)},
    "a module between": {
        "live/main.tf.json": BROKEN.replace("../mod", "../root"),
        "root/main.tf": 'variable "kind" { default = "ml.m5.xlarge" }\n' + call("a", "kind = var.kind"),
    },
}


@pytest.mark.parametrize("name", UNREAD)
def test_a_call_that_is_not_read_leaves_the_variables_unknown(name: str) -> None:
    """The default of a module proves nothing if another value may be given."""
    report = report_of({"mod/main.tf": VARIABLES + MODULE} | UNREAD[name])
    assert not report.findings
    assert False in met_by_default(report)


def met_by_default(report: Report) -> list[bool]:
    """Whether the default meets the rule, for each of its undecided judgements."""
    return [judgement.is_met_by_default for judgement in report.undecided if judgement.rule.id == TYPES]


@pytest.mark.parametrize("text", ["/*", "*/ /*", "source = /* ", 'source = "./a" /*'])
def test_calls_are_searched_in_linear_time(text: str) -> None:
    """Whatever the comments are like."""
    assert_linear_in_time(lambda size: text.encode() * size, partial(terraform_callers._called_folders, "a"), 8_000)


def test_a_repository_that_is_too_large_to_search_leaves_the_variables_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any file of it may have a call."""
    files = {"mod/main.tf": VARIABLES + MODULE, "root/main.tf": call("a")}
    assert met_by_default(report_of(files)) == []
    monkeypatch.setattr(terraform_callers, "MAX_FILES", 1)
    assert met_by_default(report_of(files)) == [False]


def test_a_call_that_is_read_is_judged_beside_one_that_is_not() -> None:
    """What it writes is certain."""
    files = {"mod/main.tf": VARIABLES + MODULE, "root/main.tf": call("a", BAD)}
    assert len(report_of(files | {"other/a.tf.json": BROKEN}).findings) == 1


def test_five_calls_in_a_row_are_not_followed() -> None:
    """The values of the first are not known, and neither are the defaults between."""
    files = {"mod/main.tf": VARIABLES + MODULE, "root/main.tf": call("a", BAD, "../m1")}
    for number in range(1, 5):
        source = f"../m{number + 1}" if number < 4 else "../mod"
        files[f"m{number}/main.tf"] = f'variable "kind" {{ default = "{FORBIDDEN}" }}\n' + call(
            "a", "kind = var.kind", source
        )
    report = report_of(files)
    assert not report.findings
    assert TYPES in {judgement.rule.id for judgement in report.undecided}


def test_more_calls_than_are_told_apart_are_an_error_of_a_locked_rule() -> None:
    """For values that some call sets; the others have the module's defaults."""
    calls = [call(f"a{number}", f"n = {number % 9 + 1}") for number in range(201)]
    (finding,) = findings(*calls)
    assert finding.text[0].startswith("This tuning job has more launches than hpolint judges")


@pytest.mark.parametrize("path", ["mod/main.tf", "root/main.tf"])
def test_values_that_grow_with_each_call_are_counted_as_work(path: str) -> None:
    """Local values that use each other twice, for each of many instances: the job is not judged, which is said."""
    doubled = [f"  l{number} = {{ a = local.l{number + 1}, b = local.l{number + 1} }}" for number in range(25)]
    growing = "locals {{\n{}\n  l25 = 1\n}}\n".format("\n".join(doubled))
    keys = ", ".join(f'k{number} = "{number}"' for number in range(100))
    files = {
        "mod/main.tf": VARIABLES + MODULE,
        "root/main.tf": call("a", f"for_each = {{ {keys} }}\n  kind = each.value\n  n = local.l0"),
    }
    files[path] = growing + files[path].replace("var.n", "local.l0")
    assert report_of(files).notices == ["mod/main.tf: not judged: too much work for a file of its size"]


def test_a_member_of_an_object_type_is_known_and_the_object_is_not() -> None:
    """Its type may add members with defaults."""
    variable = 'variable "p" {\n  type = object({ kind = string, a = optional(string, "1") })\n}\n'
    module = RESOURCE.replace("PARALLEL", "2").replace("TYPE", "var.p.kind")
    module = module.replace(
        "  training_job_definition {", "  training_job_definition {\n    static_hyper_parameters = var.p"
    )
    by_default = variable.replace("\n}\n", f"\n  default = {{ {BAD} }}\n}}\n")
    for declared, argument in ((variable, f"p = {{ {BAD} }}"), (by_default, "")):
        report = report_of(
            {"mod/main.tf": declared + module, "root/main.tf": call("a", argument)}, select=[TYPES, KEYS]
        )
        assert [finding.rule.id for finding in report.findings] == [TYPES]
        assert KEYS in {judgement.rule.id for judgement in report.undecided}


def test_a_definition_that_a_call_does_not_choose_is_no_job() -> None:
    """The other branch of its condition is the definition."""
    good, bad = (_states_of(kind) for kind in (ALLOWED, FORBIDDEN))
    machine = f'resource "aws_sfn_state_machine" "m" {{\n  definition = jsonencode(var.large ? {bad} : {good})\n}}\n'
    module = 'variable "large" {}\n' + machine
    assert findings(call("a", "large = false"), module=module) == []
    assert len(findings(call("a", "large = true"), module=module)) == 1


def repository(hpolint: Command, root: str) -> None:
    """A repository whose module stands beside a root."""
    hpolint.write("hpolint.toml", LOCK)
    hpolint.write(".git/HEAD", "ref: refs/heads/main\n")
    hpolint.write("infra/mod/main.tf", VARIABLES + MODULE)
    hpolint.write("infra/root/main.tf", root)


def checked(hpolint: Command, *arguments: str) -> list[dict[str, Any]]:
    """The findings of a check."""
    run = hpolint("check", "--output", "json", *arguments)
    found: list[dict[str, Any]] = json.loads(run.stdout)["findings"]
    return found


def test_a_check_of_the_module_alone_finds_what_a_check_of_the_repository_finds(hpolint: Command) -> None:
    """Also from the cache; and a changed, new or removed caller counts at once."""
    repository(hpolint, call("a") + call("b", BAD))
    (finding,) = checked(hpolint, ".", "--no-cache")
    assert finding["launches"][0]["path"] == "infra/root/main.tf"
    for arguments in (["."], ["infra/mod/main.tf"], ["infra/mod"]):
        for _ in range(2):
            assert checked(hpolint, *arguments) == [finding]
    hpolint.write("infra/root/main.tf", call("a") + call("b", OTHER))
    assert checked(hpolint, "infra/mod/main.tf") == checked(hpolint, ".") == []
    hpolint.write("infra/new/main.tf", call("c", BAD))
    assert len(checked(hpolint, "infra/mod/main.tf")) == len(checked(hpolint, ".")) == 1
    (hpolint.folder / "infra/new/main.tf").unlink()
    assert checked(hpolint, "infra/mod/main.tf") == checked(hpolint, ".") == []
    hpolint.write("infra/root/main.tf", 'variable "k" {}\n' + call("a", "kind = var.k"))
    hpolint.write("infra/root/terraform.tfvars", f'k = "{FORBIDDEN}"\n')
    assert len(checked(hpolint, "infra/mod/main.tf")) == len(checked(hpolint, ".")) == 1


def test_the_text_names_the_file_of_a_call(hpolint: Command) -> None:
    """Beside the line that writes the value."""
    repository(hpolint, call("a") + call("b", BAD))
    text = hpolint("check", "infra/mod/main.tf").stdout.decode()
    assert "infra/root/main.tf:7:10: instance_type\n" in text
    assert "= launched here: infra/root/main.tf:5:8\n" in text


def test_callers_behind_a_link_are_not_read(hpolint: Command) -> None:
    """A link may lead out of the repository, or to a folder that is read already."""
    repository(hpolint, call("a"))
    hpolint.write("infra/other/main.tf", call("b", BAD, "../mod"))
    (hpolint.folder / "infra/other").rename(hpolint.folder.parent / "outside")
    (hpolint.folder / "infra/linked").symlink_to(hpolint.folder.parent / "outside")
    (hpolint.folder / "infra/root/other.tf").symlink_to(hpolint.folder.parent / "outside/main.tf")
    assert checked(hpolint, ".") == []


def test_the_cost_of_a_module_is_the_sum_of_its_launches(hpolint: Command) -> None:
    """Of the instances of each call."""
    limit = "stopping_condition {\n      max_runtime_in_seconds = 3600\n    }\n    resource_config {"
    module = VARIABLES + MODULE.replace("resource_config {", limit)
    hpolint.write(".git/HEAD", "")
    hpolint.write("mod/main.tf", module)
    hours = []
    for calls in (call("a"), call("a") + call("b", "count = 3"), call("a", "count = var.on ? 1 : 0") + call("b")):
        hpolint.write("root/main.tf", calls)
        (job,) = json.loads(hpolint("cost", "mod/main.tf", "--output", "json").stdout)["jobs"]
        hours.append((job["hours"]["amount"], job["hours"]["kind"]))
    assert hours == [(20, "exact"), (80, "exact"), (40, "at most")]


def json_findings(module: Any, **more: str) -> list[Diagnostic]:
    """The findings in a module that a file in JSON calls, with these values of its `module`."""
    files = {"mod/main.tf": VARIABLES + MODULE, "root/main.tf.json": json.dumps({"module": module}, indent=1)}
    return list(report_of(files | more).findings)


CALL = {"source": "../mod", "kind": FORBIDDEN}
KINDS = {"dev": ALLOWED, "prod": FORBIDDEN}


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        ({"a": CALL, "b": {"source": "../mod"}}, "In 1 of 2 launches: module `a`"),
        ([{"a": [CALL]}, {"b": {"source": "../mod"}}], "In 1 of 2 launches: module `a`"),
        (
            {"a": CALL | {"count": 3}, "b": {"source": "../mod"}},
            "In 1 of 2 launches: module `a`, once for each instance of the module",
        ),
        (
            {"a": CALL | {"count": "${var.on ? 1 : 0}"}, "b": {"source": "../mod"}},
            "In a launch that may happen: module `a`",
        ),
        (
            {"a": {"source": "../mod", "for_each": KINDS, "kind": "${each.value}"}},
            "In 1 of 2 launches: module `a` with key `prod`",
        ),
        (
            {"a": {"source": "../mod", "for_each": {FORBIDDEN: 1, ALLOWED: 2}, "kind": "${ each.key }"}},
            f"In 1 of 2 launches: module `a` with key `{FORBIDDEN}`",
        ),
        (
            {"a": {"source": "../mod", "for_each": {"prod": {"kind": FORBIDDEN}}, "kind": "${each.value.kind}"}},
            "Allowed types: `ml.m5.xlarge` and `ml.m5.large`",
        ),
        (
            {"a": CALL | {"for_each": "${var.stages}"}, "b": {"source": "../mod"}},
            "In a launch that may happen: module `a`, once for each instance of the module: how often is not known",
        ),
    ],
)
def test_a_call_in_json_is_a_call(module: Any, sentence: str) -> None:
    """With its number of instances, and their keys and values."""
    (finding,) = json_findings(module)
    assert finding.text[-1] == sentence


def test_a_finding_shows_the_argument_of_a_call_in_json() -> None:
    """At the value in the caller's file."""
    (finding,) = json_findings({"a": CALL, "b": {"source": "../mod"}})
    assert [(place.source, place.span.line, place.name) for place in finding.related] == [
        ("root/main.tf.json", 5, "instance_type"),
        ("root/main.tf.json", 3, "launched here"),
    ]


def test_a_call_in_json_proves_that_a_rule_is_met() -> None:
    """The default of the module does not count."""
    caller = json.dumps({"module": {"a": {"source": "../mod", "kind": ALLOWED}}})
    report = report_of({"mod/main.tf": with_default(FORBIDDEN), "root/main.tf.json": caller})
    assert not report.findings
    assert met_by_default(report) == []


def test_a_call_in_json_passes_inputs_on() -> None:
    """Between files of both syntaxes."""
    files = {
        "mod/main.tf": VARIABLES + MODULE,
        "platform/main.tf.json": json.dumps({"module": {"x": {"source": "../mod", "kind": "${var.type}"}}}),
        "live/main.tf": call("p", f'type = "{FORBIDDEN}"', "../platform"),
    }
    (finding,) = report_of(files).findings
    assert finding.related[0].source == "live/main.tf"


@pytest.mark.parametrize(
    "arguments",
    [
        {"kind": "${var.kind}"},
        {"kind": "ml.${local.family}.xlarge"},
        {"kind": '${var.big ? "ml.p3.16xlarge" : "ml.m5.large"}'},
        {"for_each": ["a"], "kind": "${each.value}"},
        {"for_each": {"${var.stage}": FORBIDDEN}, "kind": "${each.value}"},
    ],
)
def test_an_expression_of_a_call_in_json_is_not_known(arguments: dict[str, Any]) -> None:
    """It is no finding, and no proof either."""
    files = {
        "mod/main.tf": VARIABLES + MODULE,
        "root/main.tf.json": json.dumps({"module": {"a": {"source": "../mod"} | arguments}}),
    }
    report = report_of(files)
    assert not report.findings
    assert False in met_by_default(report)


@pytest.mark.parametrize(
    "module",
    [
        {"a": CALL | {"count": 0}, "b": {"source": "../mod"}},
        {"a": CALL | {"for_each": {}}, "b": {"source": "../mod"}},
        {"a": {"source": "../mod", "//": {"kind": FORBIDDEN}}},
        {"a": CALL | {"source": "git::https://example.com/mod"}, "b": {"source": "../mod"}},
    ],
)
def test_a_call_in_json_that_creates_nothing_is_none(module: Any) -> None:
    """Nor is a comment an argument."""
    assert json_findings(module) == []


def test_a_call_in_json_may_be_overridden() -> None:
    """What it writes is then not known."""
    override = json.dumps({"module": {"a": {"kind": ALLOWED}}})
    assert json_findings({"a": CALL}, **{"root/override.tf.json": override}) == []
