"""Under a policy that demands a decision, one job that is read does not hide another launch in the same file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import hpolint as library
from tests.conftest import Command
from tests.requests import sound

TRIALS = "policy/max-trials"
PLAIN: dict[str, Any] = {"select": [TRIALS], "rules": {TRIALS: {"trials": 20}}}
PROOF = PLAIN | {"undecided": {TRIALS: "error"}}

PYTHON = f"""import boto3
sm = boto3.client("sagemaker")
sm.create_hyper_parameter_tuning_job(**{sound()!r})
"""
HIDDEN = sound() | {"HyperParameterTuningJobName": "hidden"}
LINES = PYTHON.count("\n")
TASK = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob", "End": True}
MACHINE = {"StartAt": "T", "States": {"T": TASK | {"Parameters": sound()}}}


def places(folder: Path, name: str, text: str, settings: dict[str, Any] = PROOF) -> list[int]:
    """The lines of the finding about launches that are not read, and of its related places."""
    (folder / name).write_text(text)
    report = library.check([folder / name], settings, isolated=True)
    assert not report.failures
    assert not report.unreadable
    unread = [each for each in report.findings if "may be launched here" in each.text[0]]
    assert len(unread) == len(report.findings) <= 1
    related = [each.span for finding in unread for each in finding.related]
    return [span.line for span in (*(each.span for each in unread), *related) if span is not None]


@pytest.mark.parametrize(
    "hidden",
    [
        "pool.submit(sm.create_hyper_parameter_tuning_job, *arguments)",
        "Thread(target=sm.create_hyper_parameter_tuning_job, kwargs=request).start()",
        "pool.submit(functools.partial(sm.create_hyper_parameter_tuning_job, **request))",
        "launch = sm.create_hyper_parameter_tuning_job; pool.submit(launch, **request)",
        "sm.create_hyper_parameter_tuning_job.__call__(**request)",
        "operator.methodcaller('create_hyper_parameter_tuning_job', **request)(sm)",
        "getattr(proxy(), 'create_hyper_parameter_tuning_job', None)",
        "os.execvp('aws', ['aws', 'sagemaker', 'create-hyper-parameter-tuning-job', '--region', 'x', *rest])",
        "run('aws sagemaker create-hyper-parameter-tuning-job --hyper-parameter-tuning-job-config $C')",
        "requests.post(url, headers={'X-Amz-Target': 'SageMaker.CreateHyperParameterTuningJob'}, json=request)",
        "pool.map(HyperparameterTuner, estimators)",
        "from sagemaker.tuner import HyperparameterTuner as Tuner; pool.map(Tuner, estimators)",
        "sagemaker.tuner.create_transfer_learning_tuner(parent='job')",
        "session.create_tuning_job(name, config)",
        "self.sess.create_tuning_job(name, config)",
        "from sagemaker import Session; own = given or Session(); own.create_tuning_job(name, config)",
        "load_component_from_url(f'{HOST}/aws/sagemaker/hyperparameter_tuning/component.yaml')(max_num_jobs=200)",
        "tune = load_component_from_file(join(COMPONENTS, 'hyperparameter_tuning/component.yaml'))",
        "exec('sm.create_hyper_parameter_tuning_job(**request)')",
        "deploy('''{\"HyperParameterTuningJobConfig\": {}}''')",
        "def launch(**request): return sm.create_hyper_parameter_tuning_job(**request)",
        "actions['tune'] = sm.create_hyper_parameter_tuning_job",
        "one = sm.create_hyper_parameter_tuning_job; two = one; Thread(target=two, kwargs=load()).start()",
        "sagemaker.Session().tune(job_name='a', max_jobs=2000)",
        "hook.create_tuning_job(load())",
        "class Big(HyperparameterTuner): fit = start",
        "from sagemaker.tuner import HyperparameterTuner as T; T.attach('earlier').fit()",
        "AwsCustomResource(on_create={'action': 'createHyperParameterTuningJob', 'parameters': load()})",
        "api.create_namespaced_custom_object('sagemaker.services.k8s.aws', 'ml', 'hyperparametertuningjobs', load())",
        "Proxy(sm).create_hyper_parameter_tuning_job(**request)",
    ],
)
def test_a_launch_beside_a_job_that_is_read_is_reported(tmp_path: Path, hidden: str) -> None:
    """However Python passes it on: at its line, and only for rules that demand a decision."""
    text = f"{PYTHON}{hidden}\n"
    if "Proxy" in hidden:
        text = f"{PYTHON}class Proxy:\n    def __getattr__(self, name): return change(name)\n{hidden}\n"
    assert places(tmp_path, "launch.py", text) == [text.count("\n")]
    assert places(tmp_path, "launch.py", text, PLAIN) == []


@pytest.mark.parametrize(
    "harmless",
    [
        "from sagemaker.tuner import HyperparameterTuner",
        "def wait(tuner: HyperparameterTuner) -> HyperparameterTuner: return tuner",
        "assert isinstance(tuner, HyperparameterTuner)",
        "tuner = HyperparameterTuner.attach('earlier')",
        "class Tuner(HyperparameterTuner): pass",
        "print('starts create_hyper_parameter_tuning_job(…)')",
        "logger.info('aws sagemaker create-hyper-parameter-tuning-job')",
        "raise ValueError('create_hyper_parameter_tuning_job(…) failed')",
        "sm.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName='a')",
        "# pool.submit(sm.create_hyper_parameter_tuning_job, **request)",
        "'''sm.create_hyper_parameter_tuning_job(**request)'''",
        "if event['eventName'] == 'CreateHyperParameterTuningJob': pass",
        "actions = ['sagemaker:CreateHyperParameterTuningJob']",
        "subprocess.run(['aws', 'sagemaker', 'create-hyper-parameter-tuning-job', '--cli-input-json', 'file://a.json'])",
        "patch.object(HyperparameterTuner, 'fit')",
        "Handler = Callable[[], HyperparameterTuner] | None",
        "T = TypeVar('T', bound=HyperparameterTuner)",
        "assert isinstance(tuner, (HyperparameterTuner, Estimator))",
        "WATCHED = ['CreateHyperParameterTuningJob', 'StopHyperParameterTuningJob']",
    ],
)
def test_what_launches_nothing_of_its_own_is_no_finding(tmp_path: Path, harmless: str) -> None:
    """Beside a job, and in a file that only mentions one."""
    setting = "import subprocess\nimport boto3\nsm = boto3.client('sagemaker')\n"
    assert places(tmp_path, "helper.py", f"{PYTHON}{setting}{harmless}\n") == []
    assert places(tmp_path, "helper.py", f"{setting}{harmless}\n") == []


@pytest.mark.parametrize(
    "launch",
    [
        "create = sm.create_hyper_parameter_tuning_job; create(**request)",
        "sm._make_api_call('CreateHyperParameterTuningJob', request)",
        "functools.partial(sm.create_hyper_parameter_tuning_job, **request)()",
        "def launch(**given): return sm.create_hyper_parameter_tuning_job(**given)\nlaunch(**request)",
        "from sagemaker.tuner import HyperparameterTuner as Tuner\ndef make(): return Tuner(estimator)",
        "if False: sm.create_hyper_parameter_tuning_job(**request)",
        "pool.submit(sm.create_hyper_parameter_tuning_job, **request)",
        "import sagemaker.tuner\nTuner = sagemaker.tuner.HyperparameterTuner\nTuner(estimator)",
    ],
)
def test_a_launch_that_is_read_is_not_reported_as_unread(tmp_path: Path, launch: str) -> None:
    """By another name, by the operation's name, by a function of the file, and where it is turned off."""
    request = f"request = {HIDDEN!r}\n" if "request" in launch else ""
    (tmp_path / "a.py").write_text(f"{PYTHON}import functools\n{request}{launch}\n")
    report = library.check([tmp_path / "a.py"], PROOF, isolated=True)
    assert not [each for each in report.findings if "may be launched here" in each.text[0]]
    assert len(report.jobs) == 2


MOCKED = "from moto import mock_aws\n" + PYTHON


def test_a_comment_about_a_mock_turns_nothing_off(tmp_path: Path) -> None:
    """Only an import of moto, or a call of Stubber, makes a test one that uses a mock."""
    for comment in ("# from moto import mock_aws\n", '"""\nimport moto\nStubber(client)\n"""\n'):
        path = _written(tmp_path / "test_launch.py", comment + PYTHON)
        assert len(library.check([path], isolated=True).jobs) == 1


@pytest.mark.parametrize("settings", [PLAIN, PROOF])
@pytest.mark.parametrize("name", ["launch.py", "latest.py", "contests/launch.py", "test_launch.ipynb", "tests/a.ipynb"])
def test_an_import_of_moto_hides_no_job_of_a_program(tmp_path: Path, name: str, settings: dict[str, Any]) -> None:
    """Only tests by their name call mocks: a program or a notebook that imports moto is judged, also under a lock."""
    text = MOCKED
    if name.endswith(".ipynb"):
        cell = {"cell_type": "code", "source": MOCKED}
        text = json.dumps({"cells": [cell], "nbformat": 4, "nbformat_minor": 5, "metadata": {}})
    report = library.check([_written(tmp_path / name, text)], settings, isolated=True)
    assert len(report.jobs) == 1
    assert not report.findings
    assert report.mocked_calls == 0


@pytest.mark.parametrize("lock", ["", "locked = true\n"])
def test_the_calls_of_mocks_in_tests_are_counted_in_one_line(hpolint: Command, lock: str) -> None:
    """No call of a test that uses a mock is a job; a line counts them and calls them mocks, also under a lock."""
    policy = f'[rules."policy/max-trials"]\ntrials = 1\n{lock}\n[undecided]\n"policy/max-trials" = "error"\n'
    hpolint.write("hpolint.toml", policy)
    stubbed = PYTHON.replace("sm.create", "Stubber(sm)\npool.submit(sm.create_hyper_parameter_tuning_job)\nsm.create")
    hpolint.write("test_launch.py", MOCKED)
    hpolint.write("launch_test.py", stubbed)
    hpolint.write("test/helper.py", MOCKED)
    hpolint.write("tests/conftest.py", MOCKED)
    result = hpolint("check", ".")
    assert result.stderr == b""
    assert result.stdout.decode().splitlines() == [
        "no tuning jobs found in 4 files",
        "5 calls in test files that use moto, Stubber or mock.patch are taken for a mock's and are not checked",
    ]
    assert result.returncode == 0
    summary = json.loads(hpolint("check", "--output", "json", ".").stdout)["summary"]
    assert summary["mocked_calls"] == 5


PATCHED = """
from unittest import mock

from sagemaker.estimator import Estimator
from sagemaker.tuner import HyperparameterTuner, IntegerParameter
from project.steps import Step

@mock.patch("{target}")
def test_step(patched):
    estimator = Estimator("i", "arn:aws:iam::111122223333:role/r", 1, "ml.m5.large")
    tuner = HyperparameterTuner(estimator, "loss", {{"depth": IntegerParameter(1, 9)}})
    {use}
"""


@pytest.mark.parametrize(
    ("target", "use", "jobs"),
    [
        ("sagemaker.session.Session.default_bucket", "Step(tuner)", 0),
        ("boto3.Session", "Step(tuner)", 0),
        ("project.steps.upload", "Step(tuner)", 1),
        ("sagemaker.session.Session.default_bucket", "tuner.fit()", 1),
    ],
)
def test_a_tuner_of_a_test_that_patches_the_sdk_is_no_job(tmp_path: Path, target: str, use: str, jobs: int) -> None:
    """It is counted as a mock's, unless the test launches it itself."""
    path = _written(tmp_path / "test_step.py", PATCHED.format(target=target, use=use))
    report = library.check([path], isolated=True)
    assert (len(report.jobs), report.mocked_calls) == (jobs, 1 - jobs)


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


TERRAFORM = f'resource "a" "b" {{\n  definition = jsonencode({json.dumps(MACHINE)})\n}}\n'
LOCAL_EXEC = """
resource "null_resource" "x" {
  # aws sagemaker create-hyper-parameter-tuning-job --region x
  // aws sagemaker create-hyper-parameter-tuning-job --region x
  /* aws sagemaker create-hyper-parameter-tuning-job --region x */
  provisioner "local-exec" {
    command = "aws sagemaker create-hyper-parameter-tuning-job --region x"
  }
}
"""
CLI = "aws sagemaker create-hyper-parameter-tuning-job"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("m.asl.json", json.dumps(MACHINE | {"Spare": TASK}, indent=1), '  "Resource": "arn:aws:states'),
        (
            "k.yaml",
            f"{json.dumps(MACHINE)}\n---\nkind: ConfigMap\ndata:\n  job.json: |\n    {json.dumps(HIDDEN)}\n",
            "    {",
        ),
        ("w.yaml", f"{json.dumps(sound())}\n---\nrun: |\n  # {CLI}\n  {CLI} --region x\n", f"  {CLI}"),
        ("l.yaml", f"{json.dumps(sound())}\n---\ncode: |\n  sm.create_hyper_parameter_tuning_job(**event)\n", "  sm"),
        (
            "t.tf",
            TERRAFORM + LOCAL_EXEC,
            "    command",
        ),
    ],
)
def test_so_it_is_in_documents(tmp_path: Path, name: str, text: str, line: str) -> None:
    """States outside of a machine, resources of other kinds, embedded commands and code; no comments."""
    (found,) = places(tmp_path, name, text)
    assert text.split("\n")[found - 1].startswith(line)
    assert places(tmp_path, name, text, PLAIN) == []


POLICY = {"Effect": "Allow", "Action": ["sagemaker:CreateHyperParameterTuningJob"], "Resource": "*"}
EVENTS = {"detail": {"eventName": ["CreateHyperParameterTuningJob"]}}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.asl.json", json.dumps(MACHINE)),
        (
            "t.json",
            json.dumps(
                {
                    "Resources": {
                        "M": {
                            "Type": "AWS::StepFunctions::StateMachine",
                            "Properties": {"DefinitionString": json.dumps(MACHINE)},
                        },
                        "P": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": {"Statement": [POLICY]}}},
                        "E": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": EVENTS}},
                    }
                }
            ),
        ),
        ("two.yaml", f"{json.dumps(sound())}\n---\n{json.dumps(HIDDEN)}\n# {CLI}\n"),
        ("f.yaml", f"{json.dumps(sound())}\n---\nrun: {CLI} --cli-input-json file://job.json\n"),
        (
            "off.tf",
            TERRAFORM + TERRAFORM.replace("{\n", "{\n  count = 0\n", 1),
        ),
    ],
)
def test_what_is_read_is_not_reported_as_unread(tmp_path: Path, name: str, text: str) -> None:
    """Jobs in texts, several of them, permissions, events, commands whose definition is a file, what is turned off."""
    assert places(tmp_path, name, text) == []


def test_so_it_is_in_cells_of_a_notebook(tmp_path: Path) -> None:
    """Python, a shell's lines, other languages and what a cell writes; not in its texts and outputs."""
    mention = "sm.create_hyper_parameter_tuning_job(**request)"

    def notebook(*cells: str) -> str:
        code: list[dict[str, Any]] = [
            {"cell_type": "code", "source": each, "metadata": {}, "outputs": [{"text": mention}]} for each in cells
        ]
        shown = [{"cell_type": "markdown", "source": mention, "metadata": {}}]
        return json.dumps({"cells": code + shown, "metadata": {}, "nbformat": 4}, indent=1)

    assert places(tmp_path, "n.ipynb", notebook(PYTHON)) == []
    for cell in (
        "pool.submit(sm.create_hyper_parameter_tuning_job, **request)",
        f"%%writefile launch.py\n{mention}",
        f"%%javascript\nrun({mention!r})",
        f"%%bash\n{CLI} --region x",
        f"!{CLI} --region x",
    ):
        assert len(places(tmp_path, "n.ipynb", notebook(PYTHON, cell))) == 1, cell


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "from sagemaker_core.resources import HyperParameterTuningJob as Job\nJob.create(**read())\n"),
        ("b.py", "from sagemaker.tuner import create_transfer_learning_tuner as make\nmake(parent='x').fit()\n"),
        ("c.py", "import sagemaker\nsagemaker.Session().create_tuning_job('a', config, definition)\n"),
        (
            "d.py",
            "from airflow.operators.sagemaker import SageMakerTuningOperator\nSageMakerTuningOperator(config=read())\n",
        ),
        ("e.json", json.dumps({"HyperParameterTuningJobName": "a"} | sound()).replace('"Hyper', '"\\u0048yper')),
        (
            "f.json",
            '{"Resources": {"J": {"Type": "AWS::SageMaker::HyperParameterTuningJob", "Properties": {"Ref": "A"}}}}',
        ),
        ("g.yaml", "patches:\n- target:\n    kind: HyperParameterTuningJob\n  patch: |-\n    - op: add\n"),
    ],
)
def test_less_usual_ways_to_write_a_job_are_seen(tmp_path: Path, name: str, text: str) -> None:
    """By aliases, functions of the SDK, values and parts from elsewhere, escapes: as a job, or as what is not read."""
    report = library.check([_written(tmp_path / name, text)], PROOF, isolated=True)
    assert report.findings or report.jobs
    assert report.findings or name == "e.json"


def test_a_file_that_a_template_names_keeps_its_other_documents(tmp_path: Path) -> None:
    """The template reads the first document; the jobs of the others are the file's own."""
    template = {
        "Resources": {"M": {"Type": "AWS::Serverless::StateMachine", "Properties": {"DefinitionUri": "m.yaml"}}}
    }
    (tmp_path / "t.json").write_text(json.dumps(template))
    (tmp_path / "m.yaml").write_text(json.dumps(MACHINE))
    assert len(library.check([tmp_path], PROOF, isolated=True).jobs) == 1
    second = {"StartAt": "U", "States": {"U": TASK | {"Parameters": HIDDEN}}}
    (tmp_path / "m.yaml").write_text(f"{json.dumps(MACHINE)}\n---\n{json.dumps(second)}\n")
    assert "hidden" in {job.name for job in library.check([tmp_path], PROOF, isolated=True).jobs}


@pytest.mark.parametrize("override", ['resource "a" "b" {\n}\n', "locals {\n}\n", '{"resource": {"a": {"b": {}}}}'])
def test_what_terraform_overrides_is_unknown(tmp_path: Path, override: str) -> None:
    """A file that overrides the block, or local values, may set any part of the job."""
    (tmp_path / "t.tf").write_text(TERRAFORM)
    name = "x_override.tf.json" if override.startswith('{"') else "x_override.tf"
    (tmp_path / name).write_text(override)
    (finding,) = library.check([tmp_path / "t.tf"], PROOF, isolated=True).findings
    assert f"may be set in `{name}`, which overrides this block" in finding.text[0]
    (tmp_path / name).write_text(override.replace("locals", 'resource "c" "d"').replace('"b"', '"other"'))
    assert library.check([tmp_path / "t.tf"], PROOF, isolated=True).findings == []


TUNER = """from sagemaker.estimator import Estimator
from sagemaker.tuner import HyperparameterTuner, IntegerParameter
estimator = Estimator("image", "arn:aws:iam::111122223333:role/t", instance_count=1, instance_type="ml.m5.xlarge")
tuner = HyperparameterTuner(estimator, "rmse", {"max_depth": IntegerParameter(3, 9)}, max_jobs=10)
"""
BOTO3 = f"""import boto3
sm = boto3.client("sagemaker")
request = {sound()!r}
limits = request["HyperParameterTuningJobConfig"]["ResourceLimits"]
"""
PIPELINE = """
from sagemaker.workflow.steps import TuningStep
step = TuningStep("tune", tuner=tuner)
tuner.max_jobs = 200
"""
HOOK = """
sm.meta.events.register("provide-client-params.sagemaker.CreateHyperParameterTuningJob", change)
sm.create_hyper_parameter_tuning_job(**request)
"""
MANAGER = """
from contextlib import contextmanager
@contextmanager
def more():
    limits["MaxNumberOfTrainingJobs"] = 200
    yield
    limits["MaxNumberOfTrainingJobs"] = 9
with more():
    sm.create_hyper_parameter_tuning_job(**request)
"""
CLASS = """
class More:
    def __enter__(self):
        limits["MaxNumberOfTrainingJobs"] = 200
    def __exit__(self, *error):
        pass
with More():
    sm.create_hyper_parameter_tuning_job(**request)
"""
QUIET = """
class Quiet:
    def __enter__(self):
        return self
    def __exit__(self, *error):
        return True
limits["MaxNumberOfTrainingJobs"] = 200
with Quiet():
    int("ten")
    limits["MaxNumberOfTrainingJobs"] = 9
sm.create_hyper_parameter_tuning_job(**request)
"""
PARTIAL = """
from functools import partial
def grow():
    limits["MaxNumberOfTrainingJobs"] = 200
run_all([partial(grow)])
sm.create_hyper_parameter_tuning_job(**request)
"""
HANDLER = """
def handler(event, context):
    limits["MaxNumberOfTrainingJobs"] = event.get("n", 9)
    sm.create_hyper_parameter_tuning_job(**request)
if __name__ == "__main__":
    handler({}, None)
"""


@pytest.mark.parametrize(
    "program",
    [
        f"{TUNER}HyperparameterTuner.fit = start\ntuner.fit()\n",
        f"{TUNER}tuner.max_jobs = 200\nHyperparameterTuner.fit(tuner)\ntuner.max_jobs = 10\n",
        f"{TUNER}tuner.max_jobs = 200\npool.submit(tuner.fit)\ntuner.max_jobs = 10\n",
        f"{TUNER}tuner.__class__(estimator, 'rmse', {{}}, max_jobs=200).fit()\n",
        f"{TUNER}tuner.__setattr__('max_jobs', 200)\ntuner.fit()\n",
        f"{TUNER}{PIPELINE}",
        *(f"{BOTO3}{each}" for each in (HOOK, MANAGER, CLASS, QUIET, HANDLER, PARTIAL)),
    ],
    ids=[
        "patched",
        "by-class",
        "handed-on",
        "class-of-object",
        "setattr",
        "pipeline",
        "hook",
        "generator",
        "class",
        "suppressing",
        "handler",
        "partial",
    ],
)
def test_no_value_is_believed_that_the_program_changes(tmp_path: Path, program: str) -> None:
    """Patched classes, event handlers, context managers, methods handed on, steps that are sent later, handlers."""
    report = library.check([_written(tmp_path / "a.py", program)], PROOF, isolated=True)
    assert {each.rule.id for each in report.findings} == {TRIALS}


def test_a_line_magic_runs_its_statement(tmp_path: Path) -> None:
    """`%time` and its kin run what stands behind them."""

    def trials(*cells: str) -> list[str]:
        code = [{"cell_type": "code", "source": each, "metadata": {}, "outputs": []} for each in cells]
        (tmp_path / "n.ipynb").write_text(json.dumps({"cells": code, "metadata": {}, "nbformat": 4}))
        report = library.check([tmp_path / "n.ipynb"], PROOF, isolated=True)
        return [each.text[0] for each in report.findings]

    assert trials(TUNER, "%time tuner.fit()") == []
    assert trials(TUNER, "%timeit -n 1 -r1 tuner.max_jobs = 200", "tuner.fit()") == [
        "The job may start 200 trials; the policy allows 20"
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"{CLI} --cli-input-json file://job.json\n", 0),
        (f"jq .x job.json > build.json\n{CLI} --cli-input-json file://build.json\n", 1),
        (f"sed -i s/1/2/ job.json\n{CLI} --cli-input-json file://job.json\n", 1),
        (f"{CLI} --cli-input-json file://job.txt\n", 1),
        (f"{CLI} --cli-input-json file://a.json --hyper-parameter-tuning-job-conf $C\n", 1),
        (f"set -e\necho 'usage: {CLI} --region x'\n", 0),
        (f"echo start; {CLI} --region x\n", 1),
        ("python3 - <<EOF\nHyperparameterTuner(estimator, 'rmse', {}).fit()\nEOF\n", 1),
        ("kubectl apply -f - <<EOF\nkind: HyperParameterTuningJob\nEOF\n", 1),
    ],
)
def test_a_definition_in_a_file_that_a_script_writes_is_not_read(tmp_path: Path, text: str, count: int) -> None:
    """A command whose definition is a file that hpolint checks is no finding; one that is generated is."""
    _written(tmp_path / "job.json", "{}")
    report = library.check([_written(tmp_path / "run.sh", text)], PROOF, isolated=True)
    assert len([each for each in report.findings if each.rule.id == TRIALS]) == count


@pytest.mark.parametrize(
    "template",
    [
        {"Transform": ["AWS::Serverless-2016-10-31", "ScaleTrials"]},
        {"Transform": "ScaleTrials"},
        {},
    ],
)
def test_a_macro_may_change_what_a_template_says(tmp_path: Path, template: dict[str, Any]) -> None:
    """An own macro gets the whole template, or the structure that it stands in; AWS's transforms change no job."""
    request = sound()
    if not template:
        request["HyperParameterTuningJobConfig"]["ResourceLimits"]["Fn::Transform"] = {"Name": "ScaleTrials"}
    job = {"J": {"Type": "AWS::SageMaker::HyperParameterTuningJob", "Properties": request}}
    (finding,) = library.check(
        [_written(tmp_path / "t.json", json.dumps(template | {"Resources": job}))], PROOF, isolated=True
    ).findings
    assert "macro" in finding.text[0]
    fine = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"J": job["J"] | {"Properties": sound()}}}
    assert library.check([_written(tmp_path / "t.json", json.dumps(fine))], PROOF, isolated=True).findings == []


def test_a_file_that_cannot_be_decoded_is_not_passed_over(tmp_path: Path) -> None:
    """Its text is empty for hpolint, which is no word of AWS either."""
    (tmp_path / "a.py").write_bytes(b"# coding: latin-1\n# f\xfcr\n" + PYTHON.encode())
    assert [each.rule.id for each in library.check([tmp_path / "a.py"], PROOF, isolated=True).findings] == [TRIALS]


SEARCH = f"""import boto3
request = {sound()!r}
def launch(trials=10):
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] = trials
    boto3.client("sagemaker").create_hyper_parameter_tuning_job(**request)
if __name__ == "__main__":
    launch()
"""


@pytest.mark.parametrize(
    ("name", "caller", "line"),
    [
        ("run.py", "import os\nimport search\nsearch.launch(200)\n", 2),
        ("run.py", "from search import launch as start\nstart(200)\n", 1),
        ("ml/run.py", "from jobs.search import launch\nlaunch(200)\n", 1),
        ("jobs/run.py", "from . import search\nsearch.request = {}\nsearch.launch()\n", 1),
        (
            "n.ipynb",
            json.dumps({"cells": [{"cell_type": "code", "source": ["import search\n", "search.launch(9)"]}]}),
            1,
        ),
        ("run.py", "import search\n", None),
        ("run.py", "import research\nresearch.launch()\n", None),
        ("tests/test_run.py", "from search import launch\nlaunch(200)\n", None),
    ],
)
def test_a_module_that_another_file_calls_is_not_believed(
    tmp_path: Path, name: str, caller: str, line: int | None
) -> None:
    """What its own file calls it with is not all: the import in the other file is reported, outside of tests."""
    module = "jobs/search.py" if "jobs" in name + caller else "search.py"
    for path, text in ((module, SEARCH), (name, caller)):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    found = [(each.source, each.span.line) for each in library.check([tmp_path], PROOF, isolated=True).findings]
    assert found == ([] if line is None else [(f"{tmp_path}/{name}", line)])
    assert library.check([tmp_path], PLAIN, isolated=True).findings == []


TUNERS = """from sagemaker.tuner import HyperparameterTuner as Base
class BigTuner(Base):
    def __init__(self, estimator, **more):
        super().__init__(estimator, "rmse", RANGES, max_jobs=500, **more)
class OtherTuner(BigTuner): pass
def helper(): pass
"""


@pytest.mark.parametrize(
    ("caller", "line"),
    [
        ("import sagemaker\nfrom tuners import BigTuner\nBigTuner(estimator).fit()\n", 2),
        ("import tuners\ntuners.OtherTuner.create(estimator).fit()\n", 1),
        ("from tuners import BigTuner, helper\nhelper()\n", None),
        ("from tuners import BigTuner\ndef wait(tuner: BigTuner): isinstance(tuner, BigTuner)\n", None),
        ("from others import BigTuner\nBigTuner(estimator).fit()\n", None),
        (f"{TUNER}from tuners import BigTuner\nBigTuner(estimator, max_jobs=10).fit()\ntuner.fit()\n", None),
    ],
)
def test_a_tuner_of_another_module_is_no_way_past_a_policy(tmp_path: Path, caller: str, line: int | None) -> None:
    """A file that constructs a subclass of another module, and is not read itself, is reported at its import."""
    (tmp_path / "tuners.py").write_text(TUNERS)
    (tmp_path / "run.py").write_text(caller)
    report = library.check([tmp_path], PROOF, isolated=True)
    found = [(each.source, each.span.line) for each in report.findings if "defines a tuner" in each.text[0]]
    assert found == ([] if line is None else [(f"{tmp_path}/run.py", line)])
    assert not [each for each in library.check([tmp_path], PLAIN, isolated=True).findings if not each.job]
