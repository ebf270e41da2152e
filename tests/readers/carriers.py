"""A request wrapped into every carrier, as the tools that write them would: for the round trips."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from hpolint import schema
from hpolint.readers.cloudformation.reader import PHYSICAL_NAME
from hpolint.readers.kubernetes import ACK, CONTESTED, OPERATOR, Dialect
from hpolint.readers.terraform.provider import SHORT, snake_case

NAME, CONFIG = "HyperParameterTuningJobName", "HyperParameterTuningJobConfig"
RESOURCE = "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"


@dataclass
class Carried:
    """A file that carries a request, and what is to be read from it."""

    name: str
    text: str
    request: dict[str, Any]
    unknown: set[str] = field(default_factory=set)


class Block(str):
    """A string that YAML writes as a literal block."""


class Folded(str):
    """A string that YAML writes as a folded block."""


class Quoted(str):
    """A string that YAML writes between double quotes."""


class Tagged:
    """A value with a tag, as ``!Sub`` writes it."""

    def __init__(self, tag: str, value: Any) -> None:
        self.tag, self.value = tag, value


class Dumper(yaml.SafeDumper):
    """Writes these."""

    def ignore_aliases(self, data: Any) -> bool:
        """No anchors: the templates' tools write none."""
        return True


def _in_style(style: str) -> Callable[[yaml.SafeDumper, str], yaml.Node]:
    return lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:str", str(value), style)


for _kind, _style in ((Block, "|"), (Folded, ">"), (Quoted, '"')):
    Dumper.add_representer(_kind, _in_style(_style))


def _represent_tagged(dumper: yaml.SafeDumper, tagged: Tagged) -> yaml.Node:
    node = dumper.represent_data(tagged.value)
    node.tag = tagged.tag
    return node


Dumper.add_representer(Tagged, _represent_tagged)
# So that it quotes what only some readers take for a truth value or a number.
Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"[yYnN]\Z"), list("yYnN"))
for _pattern in (re.compile(r"[-+]?(?:[0-9.]+[eE][-+]?[0-9]+|0o[0-7]+)\Z"), CONTESTED):
    Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _pattern, list("-+.0123456789"))


def as_yaml(draw: random.Random, value: Any) -> str:
    """YAML in one of the styles that people use."""
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True}
    options["indent"] = draw.choice([2, 4])
    options["width"] = draw.choice([40, 80, 10_000])
    options["default_flow_style"] = draw.choice([False, False, None])
    written: str = yaml.dump(value, Dumper=Dumper, **options)
    deepest = max(len(line) - len(line.lstrip(" ")) for line in written.split("\n"))
    if options["width"] < deepest + 20:
        # Where the indentation leaves no width, PyYAML escapes a break before a space twice: that is a backslash.
        written = yaml.dump(value, Dumper=Dumper, **options | {"width": deepest + 20})
    return written


def as_json(draw: random.Random, value: Any) -> str:
    """JSON with any indentation."""
    indent = draw.choice([None, 1, 2, "\t"])
    return json.dumps(value, indent=indent, ensure_ascii=draw.choice([True, False]))


def in_string(draw: random.Random, text: str) -> Any:
    """A JSON text as a template in YAML holds it: in quotes or in a block."""
    styles = [str, Block, Quoted]
    if "\n" not in text:  # PyYAML folds lines that are indented more, which changes them
        styles.append(Folded)
    return draw.choice(styles)(text)


def pieces(draw: random.Random, text: str) -> list[str]:
    """A text cut at some places."""
    places = [0, len(text), *(draw.randint(0, len(text)) for _ in range(8))]
    cuts = sorted(set(draw.sample(places, draw.randint(0, 4))))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def machine(request: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """A state machine with a state that sends the request, at some depth."""
    task = {"Type": "Task", "Resource": RESOURCE, "Parameters": request, "End": True}
    inner = {"StartAt": "Tune", "States": {"Tune": task}}
    depth = draw.choice(["plain", "parallel", "map", "iterator", "jsonata"])
    if depth == "jsonata":
        task["Arguments"] = task.pop("Parameters")
        return {"QueryLanguage": "JSONata", **inner}
    if depth == "plain":
        return inner
    around: dict[str, Any] = {
        "parallel": {"Type": "Parallel", "Branches": [inner], "End": True},
        "map": {"Type": "Map", "ItemProcessor": inner, "End": True},
        "iterator": {"Type": "Map", "Iterator": inner, "End": True},
    }[depth]
    return {"Comment": "trains", "StartAt": "Around", "States": {"Around": around}}


def pipeline(request: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """A pipeline with a tuning step, perhaps within a condition."""
    arguments = {name: value for name, value in request.items() if name != NAME}
    step = {"Name": "Tune", "Type": "Tuning", "Arguments": arguments}
    if draw.choice([True, False]):
        step = {"Name": "If", "Type": "Condition", "Arguments": {"Conditions": [], "IfSteps": [step], "ElseSteps": []}}
    return {"Version": "2020-12-01", "Metadata": {}, "Parameters": [], "Steps": [step]}


def template(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A template with one resource among others."""
    other = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data"}}
    resources = {"Data": other, "Tuning": {"Type": kind, "Properties": properties}}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def either(draw: random.Random, value: Any, *, suffixes: tuple[str, str] = (".json", ".yaml")) -> tuple[str, str]:
    """A document as JSON or YAML, with its file's name."""
    if draw.choice([True, False]):
        return f"t{suffixes[0]}", as_json(draw, value)
    return f"t{suffixes[1]}", as_yaml(draw, value)


def native(draw: random.Random, request: dict[str, Any]) -> Carried:
    """``AWS::SageMaker::HyperParameterTuningJob``."""
    return Carried(*either(draw, template("AWS::SageMaker::HyperParameterTuningJob", request)), request)


def states_file(draw: random.Random, request: dict[str, Any]) -> Carried:
    """A state machine's own file."""
    suffixes = (".asl.json", ".asl.yaml")
    return Carried(*either(draw, machine(request, draw), suffixes=suffixes), request)


def definition_object(draw: random.Random, request: dict[str, Any]) -> Carried:
    """A state machine's ``Definition``."""
    kind = draw.choice(["AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"])
    return Carried(*either(draw, template(kind, {"Definition": machine(request, draw)})), request)


def definition_string(draw: random.Random, request: dict[str, Any]) -> Carried:
    """A state machine's ``DefinitionString``, as a string or through ``Fn::Sub``."""
    text = as_json(draw, machine(request, draw))
    if draw.choice([True, False]):
        value: Any = in_string(draw, text)
        value = draw.choice([{"Fn::Sub": value}, Tagged("!Sub", value), {"Fn::Sub": [value, {}]}, value])
    else:
        value = {"Fn::Sub": draw.choice([text, [text, {"X": "y"}]])}
        return Carried("t.json", as_json(draw, template("AWS::StepFunctions::StateMachine", _string(value))), request)
    return Carried("t.yaml", as_yaml(draw, template("AWS::StepFunctions::StateMachine", _string(value))), request)


def _string(value: Any) -> dict[str, Any]:
    return {"DefinitionString": value, "RoleArn": "arn:aws:iam::111122223333:role/states"}


def joined(draw: random.Random, request: dict[str, Any]) -> Carried:
    """A state machine's ``DefinitionString`` through ``Fn::Join``, cut anywhere."""
    cut = pieces(draw, as_json(draw, machine(request, draw)))
    if draw.choice([True, False]):
        value = {"Fn::Join": ["", cut]}
        return Carried("t.json", as_json(draw, template("AWS::StepFunctions::StateMachine", _string(value))), request)
    parts = [in_string(draw, piece) for piece in cut]
    forms: list[Any] = [{"Fn::Join": ["", parts]}, Tagged("!Join", ["", parts])]
    value = draw.choice(forms)
    return Carried("t.yaml", as_yaml(draw, template("AWS::StepFunctions::StateMachine", _string(value))), request)


def pipeline_file(draw: random.Random, request: dict[str, Any]) -> Carried:
    """A pipeline's definition by itself."""
    return Carried("t.json", as_json(draw, pipeline(request, draw)), _nameless(request), {NAME})


def pipeline_resource(draw: random.Random, request: dict[str, Any]) -> Carried:
    """``AWS::SageMaker::Pipeline`` with its body as an object, a string or a join."""
    document = pipeline(request, draw)
    text = as_json(draw, document)
    body = draw.choice([document, text, {"Fn::Join": ["", pieces(draw, text)]}, {"Fn::Sub": text}])
    properties = {"PipelineName": "p", "PipelineDefinition": {"PipelineDefinitionBody": body}}
    return Carried(*either(draw, template("AWS::SageMaker::Pipeline", properties)), _nameless(request), {NAME})


def _nameless(request: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name != NAME}


def custom_resource(draw: random.Random, request: dict[str, Any]) -> Carried:
    """The CDK's AwsCustomResource. Its mark of the physical name, which Hypothesis finds in the code, is no name."""
    request = json.loads(json.dumps(request).replace(PHYSICAL_NAME, "name"))
    call = {"service": "SageMaker", "action": "createHyperParameterTuningJob", "parameters": request}
    text = json.dumps(call)
    value = draw.choice([text, {"Fn::Join": ["", pieces(draw, text)]}])
    properties = {"ServiceToken": {"Fn::GetAtt": ["F", "Arn"]}, "Create": value, "Update": value}
    return Carried("t.template.json", as_json(draw, template("Custom::AWS", properties)), request)


def schedule(draw: random.Random, request: dict[str, Any]) -> Carried:
    """EventBridge Scheduler's universal target."""
    arn = {
        "Fn::Join": [
            "",
            ["arn:", {"Ref": "AWS::Partition"}, ":scheduler:::aws-sdk:sagemaker:createHyperParameterTuningJob"],
        ]
    }
    properties = {"Target": {"Arn": arn, "Input": as_json(draw, request)}}
    return Carried(*either(draw, template("AWS::Scheduler::Schedule", properties)), request)


def _resource(draw: random.Random, request: dict[str, Any], dialect: Dialect, version: str) -> Carried:
    kept = _without(request, schema.REQUEST, dialect)
    spec = _spelled(kept, schema.REQUEST, dialect)
    resource = {
        "apiVersion": f"{dialect.group}/{version}",
        "kind": dialect.kind,
        "metadata": {"name": "tuning"},
        "spec": spec | ({"region": "us-east-1"} if dialect is OPERATOR else {}),
    }
    text = as_yaml(draw, resource)
    if draw.choice([True, False]):
        text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: other}}\n---\n{text}"
    return Carried("t.yaml", text, kept)


def event(draw: random.Random, request: dict[str, Any]) -> Carried:
    """CloudTrail's event, alone, in a log file, from EventBridge, or as a string in what `lookup-events` prints."""
    parameters = _in_event(request, schema.REQUEST)
    parameters["trainingJobDefinition"] = {"useReservedCapacity": False, **parameters.get("trainingJobDefinition", {})}
    if "TrainingJobDefinition" not in request:
        del parameters["trainingJobDefinition"]
    found = {
        "eventVersion": "1.11",
        "eventSource": "sagemaker.amazonaws.com",
        "eventName": "CreateHyperParameterTuningJob",
        "requestParameters": parameters,
    }
    embedded = {"EventName": found["eventName"], "CloudTrailEvent": json.dumps(found)}
    wrapped = [found, {"Records": [found]}, {"source": "aws.sagemaker", "detail": found}, {"Events": [embedded]}]
    return Carried("events.json", as_json(draw, draw.choice(wrapped)), request)


def _in_event(value: Any, shape: str) -> Any:
    if isinstance(value, list):
        return [_in_event(item, schema.item(shape) or "") for item in value]
    if isinstance(value, dict) and schema.members(shape):
        members = schema.members(shape)
        return {name[0].lower() + name[1:]: _in_event(each, members[name]) for name, each in value.items()}
    return value


def ack(draw: random.Random, request: dict[str, Any]) -> Carried:
    """The ACK controller's resource."""
    return _resource(draw, request, ACK, "v1alpha1")


def operator(draw: random.Random, request: dict[str, Any]) -> Carried:
    """The old operator's resource."""
    return _resource(draw, request, OPERATOR, "v1")


def _without(value: Any, shape: str, dialect: Dialect) -> Any:
    """A request without what a resource definition cannot hold."""
    if isinstance(value, list):
        return [_without(item, schema.item(shape) or "", dialect) for item in value]
    if isinstance(value, dict) and schema.members(shape):
        lacks = dialect.lacks.get(shape, ())
        members = schema.members(shape)
        return {name: _without(each, members[name], dialect) for name, each in value.items() if name not in lacks}
    return value


def _spelled(value: Any, shape: str, dialect: Dialect) -> Any:
    if isinstance(value, list):
        return [_spelled(item, schema.item(shape) or "", dialect) for item in value]
    if isinstance(value, dict) and schema.members(shape):
        members = schema.members(shape)
        return {dialect.spelled(name): _spelled(each, members[name], dialect) for name, each in value.items()}
    if isinstance(value, dict) and dialect is OPERATOR:
        return [{"name": name, "value": each} for name, each in value.items()]
    return value


def terraform_native(draw: random.Random, request: dict[str, Any]) -> Carried:
    """``aws_sagemaker_hyper_parameter_tuning_job`` in HCL."""
    request = _tagged(request)
    body = "\n".join(_hcl_body(request, schema.REQUEST, "  "))
    text = f'resource "aws_sagemaker_hyper_parameter_tuning_job" "tuning" {{\n{body}\n}}\n'
    return Carried("t.tf", text, _without_empty(request, schema.REQUEST))


def terraform_json(draw: random.Random, request: dict[str, Any]) -> Carried:
    """The same in JSON."""
    request = _tagged(request)
    values = _escaped(_tf_values(request, schema.REQUEST, lists=draw.choice([True, False])))
    document = {"resource": {"aws_sagemaker_hyper_parameter_tuning_job": {"tuning": values}}}
    return Carried("t.tf.json", as_json(draw, document), _without_empty(request, schema.REQUEST))


def _escaped(value: Any) -> Any:
    """A value whose strings are templates, in which these marks stand for themselves."""
    if isinstance(value, dict):
        return {name: _escaped(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return _hcl_escaped(value) if isinstance(value, str) else value


def terraform_plan(draw: random.Random, request: dict[str, Any]) -> Carried:
    """The same in a plan."""
    request = _tagged(request)
    after = _tf_values(request, schema.REQUEST, lists=True) | {"region": None}
    change = {"actions": ["create"], "before": None, "after": after, "after_unknown": {"arn": True, "id": True}}
    resource = {"mode": "managed", "type": "aws_sagemaker_hyper_parameter_tuning_job", "name": "x", "change": change}
    document = {"format_version": "1.2", "resource_changes": [resource]}
    return Carried("t.json", as_json(draw, document), _without_empty(request, schema.REQUEST))


def terraform_encoded(draw: random.Random, request: dict[str, Any]) -> Carried:
    """A state machine through ``jsonencode``."""
    value = _hcl_value(machine(request, draw), "  ")
    return Carried("t.tf", _state_machine(f"jsonencode({value})"), request)


def terraform_heredoc(draw: random.Random, request: dict[str, Any]) -> Carried:
    """A state machine in a heredoc."""
    text = _hcl_escaped(as_json(draw, machine(request, draw)))
    dash = draw.choice([True, False])
    lines = [f"    {line}" if dash else line for line in text.split("\n")]
    return Carried(
        "t.tf", _state_machine("\n".join([f"<<{'-' if dash else ''}EOF", *lines, "  EOF" if dash else "EOF"])), request
    )


def _state_machine(definition: str) -> str:
    return f'resource "aws_sfn_state_machine" "tuning" {{\n  name = "tuning"\n  definition = {definition}\n}}\n'


def _hcl_escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _hcl_value(value: Any, indent: str) -> str:
    if isinstance(value, dict):
        inner = "".join(f"{indent}  {_hcl_key(k)} = {_hcl_value(v, indent + '  ')}\n" for k, v in value.items())
        return f"{{\n{inner}{indent}}}"
    if isinstance(value, list):
        return "[" + ", ".join(_hcl_value(item, indent + "  ") for item in value) + "]"
    if isinstance(value, str):
        return _hcl_escaped(json.dumps(value, ensure_ascii=False))
    return json.dumps(value)


def _hcl_key(key: str) -> str:
    """A key as it is, unless it is no name, or ``for``, which begins an expression."""
    if re.fullmatch(r"(?!for$)[A-Za-z][A-Za-z0-9_]*", key):
        return key
    return _hcl_escaped(json.dumps(key, ensure_ascii=False))


def _tf_name(member: str, shape: str) -> str:
    short = {api: name for name, api in SHORT.get(shape, {}).items()}
    return short.get(member, snake_case(member))


def _hcl_body(value: dict[str, Any], shape: str, indent: str) -> list[str]:
    lines = []
    for member, each in value.items():
        name, target = _tf_name(member, shape), schema.members(shape)[member]
        if member == "Tags" and shape == schema.REQUEST:
            lines.append(f"{indent}{name} = {_hcl_value({tag['Key']: tag['Value'] for tag in each}, indent)}")
        elif schema.members(target):
            lines += [f"{indent}{name} {{", *_hcl_body(each, target, indent + "  "), f"{indent}}}"]
        elif schema.item(target) and schema.members(schema.item(target) or ""):
            for item in each:
                lines += [
                    f"{indent}{name} {{",
                    *_hcl_body(item, schema.item(target) or "", indent + "  "),
                    f"{indent}}}",
                ]
        else:
            lines.append(f"{indent}{name} = {_hcl_value(each, indent)}")
    return lines


def _tf_values(value: Any, shape: str, *, lists: bool) -> Any:
    if isinstance(value, list):
        return [_tf_values(item, schema.item(shape) or "", lists=lists) for item in value]
    if not isinstance(value, dict) or not schema.members(shape):
        return value
    found = {}
    for member, each in value.items():
        target = schema.members(shape)[member]
        below = _tf_values(each, target, lists=lists)
        if member == "Tags" and shape == schema.REQUEST:
            below = {tag["Key"]: tag["Value"] for tag in each}
        found[_tf_name(member, shape)] = [below] if lists and schema.members(target) else below
    return found


def _tagged(request: dict[str, Any]) -> dict[str, Any]:
    """A request whose tags have different keys, as a map wants."""
    if "Tags" not in request:
        return request
    tags = {tag["Key"]: tag for tag in request["Tags"]}
    return {**request, "Tags": list(tags.values())}


def _without_empty(value: Any, shape: str) -> Any:
    """A request without empty lists of structures, which no blocks stand for."""
    if isinstance(value, list):
        return [_without_empty(item, schema.item(shape) or "") for item in value]
    if not isinstance(value, dict) or not schema.members(shape):
        return value
    found = {}
    for member, each in value.items():
        target = schema.members(shape)[member]
        if each == [] and schema.members(schema.item(target) or schema.REQUEST) and member != "Tags":
            continue
        found[member] = _without_empty(each, target)
    return found


Carrier = Callable[[random.Random, dict[str, Any]], Carried]
CARRIERS: list[Carrier] = [
    native,
    states_file,
    definition_object,
    definition_string,
    joined,
    pipeline_file,
    pipeline_resource,
    custom_resource,
    schedule,
    event,
    ack,
    operator,
    terraform_native,
    terraform_json,
    terraform_plan,
    terraform_encoded,
    terraform_heredoc,
]
