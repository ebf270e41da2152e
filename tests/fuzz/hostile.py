"""Hostile inputs: sound files in which something grows that the file's bytes decide.

Each maker knows a part of hpolint whose work or memory an author could make grow: built-in functions, classes, flow,
regular expressions, names in messages, findings, and the functions of templates.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

from hpolint.readers.python.interpreter import builtin_functions

MAX_BYTES = 95_000
"""An input is smaller than 100 KB: within that, its check may take five seconds of the processor."""

Maker = Callable[[random.Random], tuple[str, bytes]]
"""Returns the ending and the bytes of a file."""

TUNER = """
from sagemaker.estimator import Estimator
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import CategoricalParameter, ContinuousParameter, HyperparameterTuner, IntegerParameter
"""
JOB = """
estimator = Estimator("image", "role", 1, "ml.m5.large", max_run=3600, hyperparameters={{"value": {value}}})
tuner = HyperparameterTuner(estimator, "loss", {{"lr": ContinuousParameter(0.1, 0.2)}}, max_jobs=4, max_parallel_jobs=2)
tuner.fit({{"train": "s3://bucket/train"}})
"""
NAMED_ARGUMENTS = 'role="role", instance_count=1, instance_type="ml.m5.large"'
BUILTINS = sorted(
    {*builtin_functions.CONVERSIONS, *builtin_functions.FOLDS, "len", "list", "tuple", "dict", "set", "range", "zip"}
    | {"enumerate", "reversed", "map", "filter", "iter", "next", "pow", "format", "bytes", "bytearray", "frozenset"}
    | {"type", "isinstance", "getattr", "hash", "hex", "bin", "chr", "ord", "complex", "memoryview", "slice", "vars"}
    | {"copy.deepcopy", "itertools.product", "itertools.chain", "functools.reduce", "math.factorial", "math.comb"}
    | {"np.linspace", "np.logspace", "np.arange", "os.path.join", "re.sub", "json.loads", "json.dumps", "str.join"}
)
METHODS = sorted(
    {name for kind in (str, list, dict, set, bytes, int, float) for name in dir(kind) if not name.startswith("_")}
)
EXTREMES = (
    *("10 ** 9", "-10 ** 9", "10 ** 400", "-1", "0", "2 ** 64", "1e308", "float('inf')", "float('nan')", "1 << 70"),
    *("'a' * 10 ** 9", "'ab' * 5000", "'9' * 5000", "'(' * 3000", "'%1000000000d'", "'{:>1000000000}'", "'{0}' * 3000"),
    *("[0] * 10 ** 9", "list(range(9999))", "range(10 ** 9)", "{}", "[]", "None", "True", "(1,) * 9000", "[[]] * 500"),
    *("{str(i): i for i in range(500)}", "[[i] * 50 for i in range(150)]", "'\\n' * 9000", "'{' * 2000", "b'x' * 999"),
)
OPERATORS = ("+", "*", "**", "<<", "%", "//", "@", "|", "-", "and", "<", "==", "in")


def made(seed: int, number: int) -> tuple[str, str, bytes]:
    """The maker's name, the ending and the bytes of an input: always the same for a seed and a number."""
    draw = random.Random(f"hostile/{seed}/{number}")
    maker = draw.choice(MAKERS)
    suffix, data = maker(draw)
    return maker.__name__, suffix, data[:MAX_BYTES]


def calls(draw: random.Random) -> tuple[str, bytes]:
    """Built-in functions, methods and operators on values that are large or make large ones."""
    lines = ["x = 1", "y = [x]"]
    for number in range(draw.choice((3, 20, 200, 1500))):
        lines.append(f"{draw.choice('xyz')}{number % 7} = {_expression(draw, draw.choice((1, 2, 3)))}")
        if draw.random() < 0.15:
            lines.append(f"for i in range({draw.choice((3, 50, 100_000))}):\n    x = {_expression(draw, 1)}")
    value = draw.choice(("x", "str(x)", "len(y)", "x0", "f'{x}{y}'"))
    return ".py", _program("\n".join(lines), value)


def _expression(draw: random.Random, depth: int) -> str:
    if depth == 0:
        return draw.choice((*EXTREMES, "x", "y", "x0", "y1", "z2"))
    parts = [_expression(draw, depth - 1) for _ in range(draw.choice((1, 2, 3)))]
    match draw.randrange(5):
        case 0:
            return f"{draw.choice(BUILTINS)}({', '.join(parts)})"
        case 1:
            return f"({parts[0]}).{draw.choice(METHODS)}({', '.join(parts[1:])})"
        case 2:
            return f"({parts[0]}) {draw.choice(OPERATORS)} ({parts[-1]})"
        case 3:
            return f"f'{{{parts[0]}!r:>{{{parts[-1]}}}}}'" if "'" not in "".join(parts) else f"[{', '.join(parts)}]"
        case _:
            return f"[{parts[0]} for i in {parts[-1]} for j in {parts[0]}]"


def doubling(draw: random.Random) -> tuple[str, bytes]:
    """A value that grows in a loop, by each means that the language has."""
    steps = (
        *("x = x + x", "x = [x, x]", "x = (x, *x)", "x = f'{x}{x}'", "x += x", "x.extend(x)", "x = {'a': x, 'b': x}"),
        *("x = x * 2", "x = str(x) + repr(x)", "x.append(list(x))", "x = sorted(x) + x", "x = json.dumps(x)"),
        *("x = x.replace('a', x)", "x = x.join([x, x])", "x = dict(zip(x, x))", "x = [y for y in x for z in x]"),
        *("x = copy.deepcopy([x, x])", "x = x << x", "x = x ** 2 + 1", "x = '%s%s' % (x, x)", "x = x.format(x)"),
        *("x = os.path.join(x, x)", "x = lambda y=x: (y, y)", "x = [*x, *x]", "x = {**x, str(len(x)): x}"),
    )
    start = draw.choice(("'a'", "[1]", "(1,)", "{'a': 1}", "2", "'{}{}'", "['a', 'b']"))
    body = "\n    ".join(draw.choice(steps) for _ in range(draw.choice((1, 2, 5))))
    loop = draw.choice((f"for i in range({draw.choice((40, 150, 10_000))}):", "while True:", "for i in unknown():"))
    return ".py", _program(f"import copy, json, os\nx = {start}\n{loop}\n    {body}", "x")


def hierarchies(draw: random.Random) -> tuple[str, bytes]:
    """Classes that inherit from many others, with members that look each other up."""
    count = draw.choice((5, 24, 60, 300))
    lines = []
    for number in range(count):
        earlier = [f"C{each}" for each in range(number)]
        bases = draw.choice(
            (
                list(reversed(earlier)),
                draw.sample(earlier, min(len(earlier), draw.choice((1, 2, 5)))),
                earlier[-1:],
                [*earlier[-2:], "Unknown"],
            )
        )
        lines.append(f"class C{number}({', '.join(bases[:40])}):")
        lines.append(f"    a{number} = {number}")
        body = draw.choice(
            (
                "return super().make() + self.make()",
                f"return C{draw.randrange(count)}().make()",
                f"self.b{number} = self.make\n        return self.b{draw.randrange(count)}",
                f"return [self.a{draw.randrange(count)}, C{draw.randrange(count)}.make(self)]",
            )
        )
        lines.append(f"    def make(self):\n        {body}")
        if draw.random() < 0.3:
            lines.append(f"    @property\n    def a{draw.randrange(count)}(self):\n        return self.make()")
    return ".py", _program("\n".join(lines), f"C{count - 1}().make()")


def flows(draw: random.Random) -> tuple[str, bytes]:
    """Branches, loops, functions and closures, nested and in large numbers."""
    kind = draw.randrange(7)
    count = draw.choice((20, 90, 600, 2_000))
    if kind == 0:
        text = "".join(f"if unknown({n}):\n    v{n % 40} = [v{n % 37}, {n}]\n" for n in range(count))
    elif kind == 1:
        depth = min(count, 90)
        text = "".join(f"{' ' * n}for i{n} in range({draw.choice((2, 10, 1000))}):\n" for n in range(depth))
        text += f"{' ' * depth}x = {'+'.join(f'i{n}' for n in range(depth))}\n"
        if depth > 18:
            text = text.replace("for i", "if i").replace(" in range(", " == unknown(")
    elif kind == 2:
        text = "".join(
            f"def f{n}(a, b=[]):\n    return f{draw.randrange(count)}(a, f{n // 2}(b))\n" for n in range(count)
        )
        text += "x = f0(1, 2)\n"
    elif kind == 3:
        text = "".join(f"try:\n    x{n % 9} = g{n}(x{n % 7})\nexcept E{n}:\n    x{n % 5} = {n}\n" for n in range(count))
    elif kind == 4:
        text = "x = lambda: 0\n" + "".join(f"x = (lambda y: lambda z: (y, z, x))(x)({n})\n" for n in range(count))
    elif kind == 5:
        text = "".join(f"globals()[f'a{{unknown({n})}}_{n}'] = {n}\n" for n in range(count))
        text += "".join(f"setattr(x, f'{{unknown()}}{n}', {n})\ndel y{n}[unknown()]\n" for n in range(count // 4))
    else:
        text = "".join(f"match x{n % 9}:\n    case {{'a': y, **z}}:\n        x{n % 8} = y\n" for n in range(count))
    return ".py", _program(text, draw.choice(("x", "v3", "x1", "f0(1)")))


def expressions(draw: random.Random) -> tuple[str, bytes]:
    """A metric's regular expression that takes long to try, and a script that prints long lines."""
    expression = _regex(draw, draw.choice((2, 4, 6)))
    try:
        re.compile(expression)
    except (re.error, OverflowError, RecursionError):
        expression = "(?:(?:.?){35}){35}(x)"
    lines = [f"print('{draw.choice('abx')}' * {draw.choice((50, 200, 9_000))} + f'{{x}}', x)" for _ in range(30)]
    lines += [f"print('{'ab' * draw.choice((10, 100, 400))}: %f loss' % loss)" for _ in range(draw.choice((5, 60)))]
    script = "import argparse\nparser = argparse.ArgumentParser()\nargs = parser.parse_args()\n" + "\n".join(lines)
    job = JOB.format(value="1")
    image = "entry_point='train.py', framework_version='2.1', py_version='py310', image_uri="
    job = job.replace("Estimator(", f"PyTorch({image}").replace('"role", 1, "ml.m5.large"', NAMED_ARGUMENTS)
    definitions = f'[{{"Name": "loss", "Regex": {expression!r}}}]'
    job = job.replace("max_jobs=4", f"metric_definitions={definitions}, max_jobs=4")
    cells = ["%%writefile train.py\n" + script, TUNER + job]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [_cell(cell) for cell in cells]}
    return ".ipynb", json.dumps(notebook).encode()


def _regex(draw: random.Random, depth: int) -> str:
    if depth == 0:
        return draw.choice(
            (".", r"\w", r"\S+", r"\s*", "a", "[a-z]", "[^x]", ".*", ".+?", r"\d*", "x?", "ab", r"[\d.]+")
        )
    parts = [_regex(draw, depth - 1) for _ in range(draw.choice((1, 2, 3)))]
    inner = draw.choice(("".join(parts), "|".join(parts)))
    quantifier = draw.choice(("", "*", "+", "?", "{2,9}", "{35}", "{0,60}", "*?", "{1,300}"))
    group = draw.choice(("(?:{})", "({})", "(?={})", "(?!{})", "(?<!a){}"))
    return group.format(inner) + (quantifier if "(?" not in group or group == "(?:{})" else "")


def _cell(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}


def messages(draw: random.Random) -> tuple[str, bytes]:
    """Names and values of any length and number, all of which a message could repeat."""
    length, count = draw.choice(((1_000, 70), (9, 3_000), (80_000, 1), (200, 300), (1, 60)))

    def name(number: int) -> str:
        return (draw.choice(("n", "ü", "🙂", "%s", "{x}", "`", "\\u202e")) * length)[:length] + str(number)

    names = [name(number) for number in range(count)]
    request = _request()
    config, definition = request["HyperParameterTuningJobConfig"], request["TrainingJobDefinition"]
    match draw.randrange(7):
        case 0:
            definition["StaticHyperParameters"] = {each: draw.choice(("1", each)) for each in names}
        case 1:
            ranges = [{"Name": each, "MinValue": "0.1", "MaxValue": draw.choice(("0.1", "9", each))} for each in names]
            config["ParameterRanges"] = {"ContinuousParameterRanges": ranges}
        case 2:
            values = [{"Name": each, "Values": draw.choice((names[:40], [each]))} for each in names[:300]]
            config["ParameterRanges"] = {"CategoricalParameterRanges": values}
        case 3:
            request |= {each: each for each in names}
        case 4:
            request["Tags"] = [{"Key": each, "Value": each} for each in names]
        case 5:
            metrics = [{"Name": each, "Regex": draw.choice(("(.*)", each, "x"))} for each in names]
            definition["AlgorithmSpecification"]["MetricDefinitions"] = metrics
        case _:
            definitions = [{**definition, "DefinitionName": each} for each in names[:100]]
            request["TrainingJobDefinitions"] = definitions
            del request["TrainingJobDefinition"]
    return ".json", json.dumps(request, indent=draw.choice((None, 1)), ensure_ascii=draw.random() < 0.5).encode()


def _request() -> dict[str, Any]:
    return {
        "HyperParameterTuningJobName": "job",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:rmse"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 50, "MaxParallelTrainingJobs": 10},
            "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]},
        },
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {
                "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
                "TrainingInputMode": "File",
            },
            "RoleArn": "arn:aws:iam::123456789012:role/training",
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        },
    }


def many(draw: random.Random) -> tuple[str, bytes]:
    """Many jobs in one file, each with findings of its own, or all with the same ones."""
    count = draw.choice((10, 60, 90))
    requests = [_request() | {"HyperParameterTuningJobName": f"job-{number % 9}"} for number in range(count)]
    task = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob", "End": True}
    states = {f"S{number}": {**task, "Parameters": request} for number, request in enumerate(requests)}
    machine = {"StartAt": "S0", "States": states}
    documents: tuple[Any, ...] = (
        requests,
        machine,
        {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": machine}}}},
    )
    return ".json", json.dumps(draw.choice(documents)).encode()


def templates(draw: random.Random) -> tuple[str, bytes]:
    """CloudFormation's functions, nested and referring to each other, and definitions in strings in strings."""
    depth = draw.choice((5, 30, 200))
    value: Any = {"Ref": "P0"}
    for number in range(depth):
        wrapped: tuple[Any, ...] = (
            {"Fn::Join": ["", [value, {"Ref": f"P{number % 9}"}]]},
            {"Fn::If": [f"C{number % 5}", value, {"Ref": "P1"}]},
            {"Fn::Sub": ["${a}${a}", {"a": value}]},
            {"Fn::Select": [number % 3, [value, value, "x"]]},
        )
        value = draw.choice(wrapped if len(json.dumps(value)) < 20_000 else wrapped[:2])
    request = _request()
    request["HyperParameterTuningJobName"] = value
    request["TrainingJobDefinition"]["ResourceConfig"]["InstanceCount"] = value
    task = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob", "End": True}
    text: Any = {"StartAt": "S", "States": {"S": {**task, "Parameters": request}}}
    for _ in range(draw.choice((0, 1, 3))):
        text = json.dumps(text)
    conditions = {
        f"C{number}": {
            draw.choice(("Fn::And", "Fn::Or")): [{"Condition": f"C{draw.randrange(9)}"}, {"Condition": f"C{number}"}]
        }
        for number in range(9)
    }
    parameters = {f"P{n}": {"Type": "String", "AllowedValues": [f"v{i}" for i in range(20)]} for n in range(9)}
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": text}}
    template = {"Parameters": parameters, "Conditions": conditions, "Resources": {"M": resource}}
    return ".json", json.dumps(template).encode()


def aliases(draw: random.Random) -> tuple[str, bytes]:
    """YAML's anchors that double what they stand for, merges, and comments."""
    lines = ["a0: &a0 {x: 1, y: [1, 2]}"]
    for number in range(1, draw.choice((5, 25, 60))):
        before = f"*a{number - 1}"
        form = draw.choice((f"[{before}, {before}]", f"{{x: {before}, y: {before}}}", f"{{<<: {before}, z: {number}}}"))
        lines.append(f"a{number}: &a{number} {form}")
    lines += [f"# {'comment ' * 3}{number}" for number in range(draw.choice((0, 2_000)))]
    document = json.dumps(_request())
    lines.append(f"HyperParameterTuningJobConfig: {json.dumps(_request()['HyperParameterTuningJobConfig'])}")
    lines.append(f"TrainingJobDefinition: {json.dumps(_request()['TrainingJobDefinition'])}")
    lines.append(f"Tags: *a{number}" if draw.random() < 0.5 else f"other: '{document}'")
    return ".yaml", "\n".join(lines).encode()


def terraform(draw: random.Random) -> tuple[str, bytes]:
    """Terraform's locals that refer to each other, and functions with large results."""
    count = draw.choice((5, 40, 400))
    functions = (
        *("format('%1000000000d', {0})", "pow(10, 400)", "range(10000000)", "join({0}, [{0}, {0}])", "{0} + {0}"),
        *(
            '"${{{0}}}${{{0}}}"',
            "[{0}, {0}]",
            "{{ a = {0}, b = {0} }}",
            "replace({0}, '/a*/', {0})",
            "concat([{0}], [{0}])",
        ),
        *("[for x in range(1000) : {0}]", "merge({0}, {0})", "jsonencode({0})", "{0} == 1 ? {0} : {0}", "strrev({0})"),
    )
    lines = [f"  l{n} = {draw.choice(functions).format(f'local.l{draw.randrange(count)}')}" for n in range(count)]
    text = "locals {\n" + "\n".join(lines).replace("'", '"') + "\n}\n"
    request = json.dumps(_request(), indent=1).replace('"job"', f"local.l{count - 1}")
    definition = request.replace('": ', '" = ').replace(",\n", "\n")
    task = 'Type = "Task", Resource = "arn:aws:states:::sagemaker:createHyperParameterTuningJob", End = true'
    machine = f'jsonencode({{ StartAt = "S", States = {{ S = {{ {task}, Parameters = {definition} }} }} }})'
    text += f'resource "aws_sfn_state_machine" "m" {{\n  definition = {machine}\n}}\n'
    return ".tf", text.encode()


def broken(draw: random.Random) -> tuple[str, bytes]:
    """Text that does not parse, or hardly, in large numbers: comments, brackets, escapes, digits."""
    piece, suffix = draw.choice(
        (
            ("# comment\n", ".py"),
            ("# hpolint: ignore[all]\n", ".py"),
            ("((((", ".py"),
            ("[[[[", ".json"),
            ('"\\u00e9\\n', ".json"),
            ("9" * 50, ".json"),
            ("- - - -\n", ".yaml"),
            ("? ", ".yaml"),
            ("1:", ".yaml"),
            ("# x\n", ".yaml"),
            ("<<A\n", ".tf"),
            ("${", ".tf"),
            ("from sagemaker.tuner import HyperparameterTuner as T{}\n", ".py"),
            ("x = 'HyperparameterTuner('; ", ".py"),
        )
    )
    repeated = "".join(piece.replace("{}", str(n)) for n in range(draw.choice((50, 2_000, 15_000))))
    words = "HyperParameterTuningJobConfig HyperparameterTuner(estimator) CreateHyperParameterTuningJob"
    start = TUNER + JOB.format(value=1) if suffix == ".py" else ""
    return suffix, (start + repeated[: MAX_BYTES - 2_000] + words + draw.choice(("", "\n(", "\n}"))).encode()


def _program(text: str, value: str) -> bytes:
    """A program with a job after, and sometimes cut, so that the job always stays."""
    end = TUNER + JOB.format(value=value)
    return text.encode()[: MAX_BYTES - len(end) - 10] + b"\n" + end.encode()


MAKERS: tuple[Maker, ...] = (
    *(calls, doubling, hierarchies, flows, expressions, messages),
    *(many, templates, aliases, terraform, broken),
)
