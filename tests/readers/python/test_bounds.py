"""However a program makes a value larger, following it takes bounded work, and what comes after it is still read."""

from __future__ import annotations

import ast
import random
import tracemalloc
from collections.abc import Iterator

import pytest

from hpolint.model.node import Scalar, Unknown, follow
from hpolint.readers import read_source
from hpolint.readers.python.interpreter import builtin_functions, operators
from tests.conftest import scaled
from tests.harness.growth import assert_bounded

TIMES = 60
"""A value that doubles so often has more parts than there are atoms to keep them."""

MEGABYTES = 40

PROGRAM = """
import copy, functools, itertools, json, os
from collections import OrderedDict
from pathlib import Path
from sagemaker.estimator import Estimator
from sagemaker.train import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner as Tuner
from sagemaker.tuner import HyperparameterTuner, IntegerParameter
def given(*args, **named): return args
def named(**named): return named
s, n = {start}, 3
for i in range({times}):
    {step}
HyperparameterTuner(e, "m", {{"a": IntegerParameter(1, 9)}}, max_jobs=9, base_tuning_job_name=str(s)[:20], tags=s).fit()
HyperparameterTuner(Estimator("i", "r", hyperparameters=s, tags=s), "m", s, metric_definitions=s, max_jobs=7).fit(s)
trainer = ModelTrainer(training_image="i", hyperparameters=s, environment=s)
Tuner(trainer, "m", s, max_jobs=6).tune(inputs=[s, s])
HyperparameterTuner(e, "m", {{"a": IntegerParameter(1, 9)}}, max_jobs=8).fit()
"""

STARTS = {
    "text": "'ab'",
    "integer": "12345",
    "number": "1.5",
    "list": "[1, 2]",
    "tuple": "(1, 2)",
    "set": "{1, 2}",
    "dict": "{'a': 1, 'b': 2}",
    "unknown": "unheard_of",
    "partly": "f'a{unheard_of}b'",
}

SIGNS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.MatMult: "@",
}

DISPLAYS = (
    *("[*s, *s]", "(*s, *s)", "{*s, *s}", "[s, s]", "(s, s)", "{**s, str(i): s}", "{str(i): s, 'k': s}", "f'{s}{s}'"),
    *(
        "f'{s!r}{s!r}'",
        "f'{s:>9999}'",
        "f'{s:>{n}}'",
        "[x for x in s for y in s]",
        "{x: s for x in s}",
        "list(s) + list(s)",
    ),
    *("[x for x in [s, s]]", "s and s", "s if i else [s, s]", "not s", "-s", "s[:] + s", "[*s][:]", "'%s%s' % (s, s)"),
    *(
        "'{}{}'.format(s, s)",
        "'{0!r:>9999}'.format(s)",
        "','.join([s, s])",
        "','.join(s)",
        "given(*s, *s)",
        "given(s, s)",
    ),
    *("list(given(*s, *s))", "named(a=s, b=s)", "named(**s, **s)", "named(**{str(i): s})", "(lambda x: [x, x])(s)"),
    *("functools.reduce(given, s)", "list(itertools.chain(s, s))", "list(zip(s, s))", "dict(s, k=s)", "OrderedDict(s)"),
    *("list(enumerate(s))", "sorted([*s, *s])", "sum([s, s])", "max(s, s)", "str(s) * 2", "json.dumps(s)"),
    *(
        "json.dumps([s, s])",
        "json.loads(json.dumps([s, s]))",
        "copy.deepcopy([s, s])",
        "copy.copy([s, s])",
        "repr([s])",
    ),
    *(
        "dict.fromkeys(s, s)",
        "s + '/' + s",
        "[s] * 2",
        "[s] + [s]",
        "(s,) + (s,)",
        "int(str(s) * 2)",
        "10 ** s",
        "s ** s",
    ),
)

STATEMENTS = (
    *(
        "s += s",
        "s *= s",
        "s **= 2",
        "s *= 10",
        "s |= s",
        "s |= {str(i): s}",
        "s -= 1",
        "s <<= 9",
        "s %= s",
        "s.extend(s)",
    ),
    *("s.extend(list(s))", "s.append(s)", "s.append(list(s))", "s.insert(0, list(s))", "s.update(s)", "s[str(i)] = s"),
    *(
        "s.update({str(i): dict(s)})",
        "s.setdefault(str(i), dict(s))",
        "s[i % 2] = list(s)",
        "s[:0] = s",
        "a, *s = [*s, *s]",
    ),
    *(
        "s = named(a=s, b=s)",
        "s = dict(a=s, b=s)",
        "s = {'a': s, 'b': s}",
        "s, t = [s, s], s",
        "(s := [s, s])",
        "globals()['s'] = [s, s]",
        "exec('s = [s, s]')",
        "s.add(s)",
        "s = range(10 ** 19)",
        "s.append(s); s.append(s)",
    ),
)


def steps() -> Iterator[str]:
    """Every way to make a value of another that the follower knows."""
    for operator in operators.OPERATORS:
        sign = SIGNS[operator]
        yield from (f"s = s {sign} s", f"s = s {sign} n", f"s = n {sign} s", f"s = s {sign} 'ab'", f"s {sign}= s")
    whole = {name.rpartition(".")[2] for name in builtin_functions.HANDLERS if name.startswith("builtins.")}
    known = {*builtin_functions.CONVERSIONS, *builtin_functions.FOLDS, *whole, "dict"}
    yield from (f"s = {name}(s)" for name in sorted(known))
    yield from (f"s = {name}([s, s])" for name in sorted(known))
    yield from (f"s = list({name}(s, s))" for name in sorted(whole))
    for kind in (str, list, dict, set):
        for name in sorted(set(dir(kind))):
            if not name.startswith("_"):
                yield from (f"s = s.{name}(s)", f"s = s.{name}(9999)", f"s = s.{name}(s, s)", f"s.{name}(s)")
    yield from (f"s = {display}" for display in DISPLAYS)
    yield from STATEMENTS


PATHS = ("os.path.join(s, s)", "Path(s) / s", "Path(s).joinpath(s)", "Path(str(s), str(s))", "os.path.abspath(s) + s")


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_grows_is_bounded(path: str) -> None:
    """A path that is joined with itself sixty times is unknown, and the tuners after it are read."""
    text = PROGRAM.format(start="'ab'", times=TIMES, step=f"s = {path}")
    _, reading = read_source("x.py", text.encode())
    assert len(reading.jobs) == 4


@pytest.mark.parametrize("start", STARTS)
def test_every_operation_is_bounded(start: str) -> None:
    """Whatever the value and the operation, sixty times: little memory, and the tuners after it are read.

    CI tries all of them, an everyday run a tenth.
    """
    too_much = []
    every = list(dict.fromkeys(steps()))
    for step in random.sample(every, scaled(len(every))):
        text = PROGRAM.format(start=STARTS[start], times=TIMES, step=step)
        tracemalloc.start()
        _, reading = read_source("x.py", text.encode())
        peak = tracemalloc.get_traced_memory()[1] / 1024 / 1024
        tracemalloc.stop()
        most = [follow(job.request, LIMIT) for job in reading.jobs]
        if peak > MEGABYTES or [node.value for node in most if isinstance(node, Scalar)][-1:] != [8]:
            too_much.append((step, round(peak), len(reading.jobs), reading.problems[:1]))
    assert too_much == []


WIDE = {
    "round(1, -10**9)": None,
    "round(number=1, ndigits=-10**9)": None,
    "round(12345, -2)": 12300,
    "f'{s:1000000000}'": None,
    "'%1000000000d' % n": None,
    "'%*d' % (10**9, n)": None,
    "s.center(10**9)": None,
    "s.ljust(10**9)": None,
    "s.zfill(10**9)": None,
    "'\\t'.expandtabs(10**9)": None,
    "'{:{}}'.format(1, 10**9)": None,
    "'{x:{a}}'.format_map({'x': 1, 'a': 10**9})": None,
    "'{0[0]:{0[1]}}'.format([1, 10**9])": None,
    "'{}-{}'.format(s, 10**7)": "ab-10000000",
    "'%s-%03d' % (s, n)": "ab-003",
    "json.dumps([1], indent=10**9)": None,
    "json.dumps({'a': [1]}, indent=1)": '{\n "a": [\n  1\n ]\n}',
    "json.loads('[' * 9000)": None,
    "s * 10**9": None,
    "2 ** 10**9": None,
    "10**300 * 10**300": None,
    "list(range(10**18))": None,
}
"""Values that one number makes large, with a value or None for unknown."""


@pytest.mark.parametrize("expression", WIDE)
def test_a_number_makes_no_value_large(expression: str) -> None:
    """Beyond the limits it is unknown, with a reason, before it is made."""
    text = (
        "import json\nfrom sagemaker.tuner import HyperparameterTuner\n"
        f"s, n = 'ab', 3\nHyperparameterTuner(e, 'm', {{}}, max_jobs={expression}).fit()\n"
    )
    tracemalloc.start()
    (job,) = read_source("x.py", text.encode())[1].jobs
    peak = tracemalloc.get_traced_memory()[1] / 1024 / 1024
    tracemalloc.stop()
    assert peak < MEGABYTES
    node = follow(job.request, LIMIT)
    expected = WIDE[expression]
    if expected is None:
        assert isinstance(node, Unknown)
        assert node.reason
    else:
        assert isinstance(node, Scalar)
        assert node.value == expected


def diamond(number: int) -> str:
    """Classes that each inherit from all before them, with a member of the first, and a tuner with its value."""
    bases = (", ".join(f"B{base}" for base in reversed(range(each))) for each in range(number))
    classes = "".join(f"class B{each}({names}): {'pass' if each else 'n = 7'}\n" for each, names in enumerate(bases))
    return (
        f"from sagemaker.tuner import HyperparameterTuner\n{classes}"
        f"HyperparameterTuner(e, 'm', {{}}, max_jobs=B{number - 1}().n).fit()\n"
    )


def test_a_class_with_many_bases_is_ordered_once() -> None:
    """Each of 24 classes inherits from all before it: the ways to the first one are 8 million."""
    _, reading = assert_bounded(lambda: read_source("x.py", diamond(24).encode()), 100_000)
    (node,) = (follow(job.request, LIMIT) for job in reading.jobs)
    assert isinstance(node, Scalar)
    assert node.value == 7
    _, reading = read_source("x.py", diamond(160).encode())
    (node,) = (follow(job.request, LIMIT) for job in reading.jobs)
    assert isinstance(node, Unknown)


LIMIT = ("HyperParameterTuningJobConfig", "ResourceLimits", "MaxNumberOfTrainingJobs")


def test_each_operator_is_tried() -> None:
    """One that the follower learns is one of this test's."""
    assert operators.OPERATORS.keys() <= SIGNS.keys()
