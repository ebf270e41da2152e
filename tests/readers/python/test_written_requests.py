"""A request that Python writes as a dict is a job where the dict goes to code that hpolint does not read."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.model.job import Reading, TuningJob
from hpolint.model.node import Unknown, follow, plain
from hpolint.readers import read_source

CONFIG, DEFINITION = "HyperParameterTuningJobConfig", "TrainingJobDefinition"
TYPE = (DEFINITION, "ResourceConfig", "InstanceType")
LIMIT = (CONFIG, "ResourceLimits", "MaxNumberOfTrainingJobs")

BODY = """
    "HyperParameterTuningJobConfig": {
        "Strategy": "Bayesian",
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 2},
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "auc"},
        "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]},
    },
    "TrainingJobDefinition": {
        "AlgorithmSpecification": {
            "TrainingImage": "image",
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "auc", "Regex": "auc: ([0-9.]{3})"}],
        },
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/output"},
        "ResourceConfig": {"InstanceType": "ml.p3.16xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    },
"""
NAMED = '    "HyperParameterTuningJobName": "job",\n'
REQUEST = f"request = {{\n{NAMED}{BODY}}}\n"
UNNAMED = f"request = {{\n{BODY}}}\n"
STATE = f"""state = {{
    "Type": "Task",
    "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
    "Parameters": {{
{NAMED}{BODY}}},
}}
"""
MACHINE = f'{STATE}machine = {{"StartAt": "Tune", "States": {{"Tune": state}}}}\n'


def reading(text: str, name: str = "dag.py") -> Reading:
    """The reading of a module without problems."""
    _, result = read_source(name, text.encode())
    assert result.problems == []
    return result


def jobs(text: str, name: str = "dag.py") -> list[TuningJob]:
    """The jobs of a module."""
    return reading(text, name).jobs


def at(job: TuningJob, *path: str | int) -> Any:
    """The plain value at a path; the reason of an unknown one."""
    node = follow(job.request, path)
    if node is None:
        return None
    return node.reason if isinstance(node, Unknown) else plain(node)


AIRFLOW = "from airflow.models.xcom_arg import XComArg\nfrom airflow.providers.amazon.aws.operators import sagemaker\n"
CDK = "import json\nfrom aws_cdk import CfnResource, aws_stepfunctions as sfn\n"
LAUNCHES = {
    "a function that is not read": "import launcher\nlauncher.start(request)\n",
    "a keyword": "import launcher\nlauncher.start(config=request)\n",
    "its members as keywords": "import launcher\nlauncher.start(**request)\n",
    "a list of settings": "import launcher\nlauncher.start_all([{'config': request}])\n",
    "Airflow's argument": f"{AIRFLOW}XComArg(request)\n",
    "a mapped operator": f"{AIRFLOW}sagemaker.SageMakerTuningOperator.partial(task_id='x').expand(config=[request])\n",
    "a hook": "from airflow.providers.amazon.aws.hooks.sagemaker import SageMakerHook\n"
    "SageMakerHook().create_tuning_job(request, wait_for_completion=False)\n",
    "a subclass of the operator": f"{AIRFLOW}class Own(sagemaker.SageMakerTuningOperator):\n    pass\n"
    "Own(config=request)\n",
    "a message between tasks": "def build(ti):\n    ti.xcom_push(key='config', value=request)\n",
    "Flyte": "from flytekitplugins.awssagemaker_inference import BotoConfig, BotoTask\n"
    "BotoTask(name='tune', task_config=BotoConfig(service='sagemaker', config=request))\n",
    "a resource of the CDK": f"{CDK}CfnResource(None, 'Job', type='Custom::Job', properties=request)\n",
    "a component of KFP": "from kfp import components\nop = components.load_component_from_file('component.yaml')\n"
    "op(request=request)\n",
    "a thread": "import threading\nimport launcher\nthreading.Thread(target=launcher.start, args=(request,)).start()\n",
    "a retried call": "from tenacity import retry\nimport boto3\n@retry\ndef launch(values):\n"
    "    boto3.client('sagemaker').create_hyper_parameter_tuning_job(**values)\nlaunch(request)\n",
    "a pool": "import boto3\nclient = boto3.client('sagemaker')\ndef launch(values):\n"
    "    client.create_hyper_parameter_tuning_job(**values)\npool.submit(launch, request)\n",
    "a text": "import boto3, json\nboto3.client('lambda').invoke(FunctionName='x', Payload=json.dumps(request))\n",
    "a builder": "def build():\n    return request\n",
    "a method of a builder": "class Builder:\n    def build(self):\n        return dict(request)\n",
}


@pytest.mark.parametrize("launch", LAUNCHES.values(), ids=LAUNCHES)
def test_a_dict_that_goes_to_other_code_is_a_job(launch: str) -> None:
    """Whoever gets it; the values are those of the dict, and the job counts for the bill."""
    (job,) = jobs(REQUEST + launch)
    assert (at(job, *TYPE), at(job, *LIMIT)) == ("ml.p3.16xlarge", 20)
    assert not job.is_unused


MACHINES = {
    "a state machine of the CDK": f"{CDK}sfn.CfnStateMachine(None, 'Machine', role_arn='r', definition=machine)\n",
    "its text": f"{CDK}sfn.CfnStateMachine(None, 'Machine', role_arn='r', definition_string=json.dumps(machine))\n",
    "a state of the CDK": f"{CDK}sfn.CustomState(None, 'Tune', state_json=state)\n",
    "boto3": "import boto3, json\nboto3.client('stepfunctions').create_state_machine(definition=json.dumps(machine))\n",
    "a builder": "def build():\n    return machine\n",
}


@pytest.mark.parametrize("launch", MACHINES.values(), ids=MACHINES)
def test_a_state_that_launches_a_job_is_one_job(launch: str) -> None:
    """The outermost carrier counts: the state, and not its parameters once more."""
    (job,) = jobs(MACHINE + launch)
    assert job.form == "step-functions"
    assert at(job, *TYPE) == "ml.p3.16xlarge"


def test_the_parameters_of_a_state_that_stand_alone_are_a_part_of_it() -> None:
    """A variable for the parameters makes no second job, also if something gets it before."""
    text = REQUEST + STATE.replace(f"{{\n{NAMED}{BODY}}}", "request")
    (job,) = jobs(f"{text}import launcher\nlauncher.describe(request)\nlauncher.start(state)\n")
    assert job.form == "step-functions"


def test_values_of_a_state_that_its_input_sets_are_unknown() -> None:
    """As in a document: a key that ends in `.$` is a path into the input."""
    text = MACHINE.replace('"HyperParameterTuningJobName": "job"', '"HyperParameterTuningJobName.$": "$.name"')
    (job,) = jobs(f"{text}start(machine)\n")
    assert "the state's input" in at(job, "HyperParameterTuningJobName")
    assert job.carrier == "state `Tune`"


@pytest.mark.parametrize("name", ["tests/dag.py", "test_dag.py", "conftest.py"])
def test_a_dict_in_a_test_is_no_job(name: str) -> None:
    """Tests are full of requests that nobody sends."""
    assert jobs(f"{REQUEST}start(request)\n", name) == []


def test_a_described_job_is_no_job() -> None:
    """A response has the request's members, too."""
    assert jobs(f"{REQUEST}request['HyperParameterTuningJobStatus'] = 'Completed'\nstart(request)\n") == []


@pytest.mark.parametrize(
    "config",
    ['{"type": "structure", "properties": {}}', "{'shape': 'Config'}", "Config", "{'Strategy': str}"],
)
def test_a_schema_is_no_job(config: str) -> None:
    """A description of the members has no values of them."""
    text = f"start({{'HyperParameterTuningJobName': 'x', '{CONFIG}': {config}, '{DEFINITION}': {config}}})\n"
    assert jobs(text) == []


@pytest.mark.parametrize(
    "value",
    [
        "{inputs.kind}",
        "ml.{kind}",
        "{{ params.kind }}",
        "{% if x %}ml.m5.large{% endif %}",
        "${Kind}",
        "<kind>",
        "%(kind)s",
    ],
)
def test_what_another_library_fills_in_is_unknown(value: str) -> None:
    """Flyte's braces, Jinja's and those of templates, brackets, and Python's own formats."""
    (job,) = jobs(f"{REQUEST.replace('ml.p3.16xlarge', value)}start(request)\n")
    assert "the placeholder" in at(job, *TYPE)
    assert at(job, *LIMIT) == 20


@pytest.mark.parametrize(
    ("regex", "is_known"),
    [("auc: ([0-9.]{3})", True), ("(?P<auc>[0-9.]+) {2,}", True), ("{inputs.regex}", False), ("%(regex)s", False)],
)
def test_braces_of_a_regular_expression_are_its_own(regex: str, is_known: bool) -> None:
    """Only what is no regular expression is filled in."""
    (job,) = jobs(f"{REQUEST.replace('auc: ([0-9.]{3})', regex)}start(request)\n")
    value = at(job, DEFINITION, "AlgorithmSpecification", "MetricDefinitions", 0, "Regex")
    assert (value == regex) is is_known


def test_the_values_are_those_of_the_first_call_that_gets_the_dict() -> None:
    """What is set before counts, what is set later or by the call does not."""
    change = f"request['{DEFINITION}']['ResourceConfig']['InstanceType'] ="
    (job,) = jobs(f"{REQUEST}{change} 'ml.m5.large'\nstart(request)\n{change} 'ml.m5.xlarge'\nlog_all(request)\n")
    assert at(job, *TYPE) == "ml.m5.large"


def test_the_values_are_those_of_the_return() -> None:
    """A builder that nobody calls in its source is called elsewhere; its parameters are unknown."""
    text = f"def build(kind):\n    {REQUEST.replace(chr(10), chr(10) + '    ')}\n"
    (job,) = jobs(f"{text}    request['{DEFINITION}']['ResourceConfig']['InstanceType'] = kind\n    return request\n")
    assert "`kind`" in at(job, *TYPE)
    assert at(job, *LIMIT) == 20


def test_a_builder_that_is_called_has_the_values_of_its_calls() -> None:
    """Its return is no launch of its own."""
    text = f"def build(kind):\n    {REQUEST.replace(chr(10), chr(10) + '    ')}\n".replace("'ml.p3.16xlarge'", "kind")
    text = text.replace('"ml.p3.16xlarge"', "kind") + "    return request\n"
    (job,) = jobs(f"{text}def main():\n    start(build('ml.m5.large'))\n")
    assert at(job, *TYPE) == "ml.m5.large"


HOLDERS = {
    "the dict": "client.create_hyper_parameter_tuning_job(**request)\n",
    "a copy": "client.create_hyper_parameter_tuning_job(**copy.deepcopy(request))\n",
    "a merge": "client.create_hyper_parameter_tuning_job(**{**request, 'HyperParameterTuningJobName': 'other'})\n",
    "a union": "client.create_hyper_parameter_tuning_job(**(request | {'HyperParameterTuningJobName': 'other'}))\n",
    "its parts": "client.create_hyper_parameter_tuning_job(HyperParameterTuningJobName='x', "
    f"{CONFIG}=request['{CONFIG}'], {DEFINITION}=request['{DEFINITION}'])\n",
    "an operator": "from airflow.providers.amazon.aws.operators.sagemaker import SageMakerTuningOperator\n"
    "SageMakerTuningOperator(task_id='x', config=request)\n",
    "after a check": "check_names(request)\nclient.create_hyper_parameter_tuning_job(**request)\n",
    "after other code": "upload(request)\nclient.create_hyper_parameter_tuning_job(**request)\n",
}


@pytest.mark.parametrize("launch", HOLDERS.values(), ids=HOLDERS)
def test_a_dict_that_a_job_holds_is_that_job(launch: str) -> None:
    """One launch is one job."""
    (job,) = jobs(f"import boto3, copy\nclient = boto3.client('sagemaker')\n{REQUEST}{launch}")
    assert not job.is_unused


def test_a_builder_that_is_called_twice_makes_two_jobs() -> None:
    """A copy is the job that holds it only if it has the same values."""
    text = f"def build(kind):\n    {REQUEST.replace(chr(10), chr(10) + '    ')}\n".replace('"ml.p3.16xlarge"', "kind")
    text += "    return request\nimport boto3\nclient = boto3.client('sagemaker')\n"
    text += "client.create_hyper_parameter_tuning_job(**build('ml.m5.large'))\nstart(build('ml.m5.xlarge'))\n"
    assert sorted(at(job, *TYPE) for job in jobs(text)) == ["ml.m5.large", "ml.m5.xlarge"]


def test_functions_of_a_carrier_are_unknown() -> None:
    """A pipeline's parameter stands where a number is expected."""
    text = REQUEST.replace('"MaxNumberOfTrainingJobs": 20', '"MaxNumberOfTrainingJobs": {"Get": "Parameters.Jobs"}')
    (job,) = jobs(f"{text}start(request)\n")
    assert "resolves" in at(job, *LIMIT)


def test_two_merges_of_one_dict_are_two_jobs() -> None:
    """The dict that both hold is none of its own."""
    text = f"{REQUEST}start({{**request, 'HyperParameterTuningJobName': 'a'}})\n"
    names = [job.name for job in jobs(f"{text}start({{**request, 'HyperParameterTuningJobName': 'b'}})\n")]
    assert names == ["a", "b"]


LOOKS = {
    "print": "print(request)\n",
    "pprint": "import pprint\npprint.pprint(request)\n",
    "a text that is printed": "import json\nprint(json.dumps(request, indent=2))\n",
    "a formatted text": "print(f'request: {request}')\n",
    "a log": "import logging\nlogging.getLogger(__name__).info('request: %s', request)\n",
    "assert": "assert request == build()\n",
    "a comparison": "is_same = request == build()\n",
    "a schema": "import jsonschema\njsonschema.validate(request, SCHEMA)\n",
    "a schema's object": "import jsonschema\njsonschema.Draft7Validator(SCHEMA).validate(request)\n",
    "a model": "from pydantic import BaseModel\nclass Model(BaseModel):\n    values: dict\nModel(values=request)\n",
    "a check": "validate_request(request)\n",
    "an assertion": "self.assertEqual(request, build())\n",
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_dict_that_is_only_looked_at_is_no_job(look: str) -> None:
    """Whoever only shows, logs, compares or checks a request launches nothing."""
    assert jobs(REQUEST + look) == []


@pytest.mark.parametrize("look", [*LOOKS.values()][:8], ids=[*LOOKS][:8])
def test_a_dict_that_is_looked_at_and_launched_is_a_job(look: str) -> None:
    """A log before the launch hides nothing."""
    (job,) = jobs(f"{REQUEST}{look}start(request)\n")
    assert at(job, *TYPE) == "ml.p3.16xlarge"


def test_a_dict_that_is_checked_and_launched_is_a_job_with_unknown_values() -> None:
    """A check that is not read may change the dict, so that its values prove nothing; the job is there all the same."""
    (job,) = jobs(f"{REQUEST}validate_request(request)\nstart(request)\n")
    assert "which may change it" in at(job, CONFIG)


def test_a_dict_that_nothing_uses_is_a_job_if_it_names_itself() -> None:
    """Another module may send it, so it is judged; whether it is launched is not known, so it costs nothing."""
    (job,) = jobs(REQUEST)
    assert at(job, *TYPE) == "ml.p3.16xlarge"
    assert job.is_unused
    (state,) = jobs(STATE)
    assert state.is_unused


@pytest.mark.parametrize("member", [CONFIG, DEFINITION])
def test_a_dict_that_nothing_uses_needs_both_members_and_a_name(member: str) -> None:
    """A part of a request, or one without a name, may be anything."""
    assert jobs(UNNAMED) == []
    assert jobs(f"{REQUEST}del request['{member}']\n") == []


def test_a_dict_without_a_name_is_a_job_where_it_goes_to_other_code() -> None:
    """Who gets it may set the name, the tags and what the request needs: they are unknown, not missing."""
    (job,) = jobs(f"{UNNAMED}start(request)\n")
    assert "which gets the request" in at(job, "HyperParameterTuningJobName")
    assert "which gets the request" in at(job, DEFINITION, "RoleArn")
    assert "which gets the request" in at(job, "Tags")


def test_numbers_in_texts_and_names_of_roles_are_not_wrong() -> None:
    """The receiver may convert them, as Airflow's operator does; and members of its own are none of the request."""
    text = REQUEST.replace('"InstanceCount": 1', '"InstanceCount": "1"').replace(
        '"OutputDataConfig"', '"RoleArn": "role", "OutputDataConfig"'
    )
    (job,) = jobs(f"{text}request['Wait'] = True\nstart(request)\n")
    assert at(job, DEFINITION, "ResourceConfig", "InstanceCount") == 1
    assert "a role's name" in at(job, DEFINITION, "RoleArn")
    assert at(job, "Wait") is None


def test_cloudformation_converts_the_values_of_a_resource() -> None:
    """A number where the API wants a text is right there; boto3 refuses it, and so it stays one elsewhere."""
    text = REQUEST.replace('"MinValue": "0.1"', '"MinValue": 0.1')
    path = (CONFIG, "ParameterRanges", "ContinuousParameterRanges", 0, "MinValue")
    (job,) = jobs(text + LAUNCHES["a resource of the CDK"])
    assert at(job, *path) == "0.1"
    (job,) = jobs(f"{text}start(request)\n")
    assert at(job, *path) == 0.1


def test_a_dict_of_a_turned_off_branch_is_turned_off() -> None:
    """As a call of boto3 there."""
    (job,) = jobs(f"RUN = False\n{REQUEST}if RUN:\n    start(request)\n")
    assert job.is_disabled


def test_a_dict_that_is_read_is_no_launch_that_is_not_read() -> None:
    """A rule that demands a decision has one: neither the dict nor the method that gets it is reported."""
    result = reading(f"{REQUEST}hook.create_tuning_job(request)\n")
    assert len(result.jobs) == 1
    assert result.unread is not None
    assert result.unread() == []


def test_the_job_is_named_by_its_variable_and_stands_at_its_name() -> None:
    """A finding about the whole request points to the key, and the report names the variable."""
    (job,) = jobs(f"{REQUEST}start(request)\n")
    assert (job.variable, job.request.anchor.line) == ("request", 2)
