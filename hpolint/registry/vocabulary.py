"""The names that a rule can use, with their types: used by the type checks, the evaluation context and the docs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from hpolint import schema
from hpolint.cel.types import BOOL, DOUBLE, INT, STRING, FactShape, RecordShape, Type, schema_type
from hpolint.facts.algorithm import AlgorithmFacts
from hpolint.facts.argument import ArgumentFacts
from hpolint.facts.budget import BudgetFacts
from hpolint.facts.combination import CombinationFacts
from hpolint.facts.compute import ComputeFacts
from hpolint.facts.earlier_run import EarlierFacts
from hpolint.facts.hyperparameters import HyperparameterFacts, HyperparametersFacts
from hpolint.facts.input_channels import InputFacts, InputsFacts
from hpolint.facts.job_facts import JobFacts
from hpolint.facts.metric import MetricFacts
from hpolint.facts.objective import ObjectiveFacts
from hpolint.facts.output import OutputFacts
from hpolint.facts.range import RangeFacts
from hpolint.facts.receiver import ReceiverFacts
from hpolint.facts.script import ScriptFacts
from hpolint.facts.space import SpaceFacts
from hpolint.facts.switched_off import SwitchFacts
from hpolint.facts.warm_start import ParentFacts
from hpolint.facts.worst_case_cost import CostFacts
from hpolint.model.forms import FORM_NAMES
from hpolint.model.observations import KINDS, Observed
from hpolint.model.rule import Rule

RANGE_SHAPES = {
    "continuous": "ContinuousParameterRange",
    "integer": "IntegerParameterRange",
    "categorical": "CategoricalParameterRange",
}
RANGE_MEMBERS = ("Name", "MinValue", "MaxValue", "ScalingType", "Values")

FACTS: dict[str, type[msgspec.Struct]] = {
    "job": JobFacts,
    "space": SpaceFacts,
    "budget": BudgetFacts,
    "cost": CostFacts,
    "earlier": EarlierFacts,
    "parent": ParentFacts,
    "objective": ObjectiveFacts,
    "compute": ComputeFacts,
    "algorithm": AlgorithmFacts,
    "inputs": InputsFacts,
    "input": InputFacts,
    "output": OutputFacts,
    "receiver": ReceiverFacts,
    "combination": CombinationFacts,
    "switch": SwitchFacts,
    "hyperparameters": HyperparametersFacts,
    "hyperparameter": HyperparameterFacts,
    "range": RangeFacts,
    "script": ScriptFacts,
    "argument": ArgumentFacts,
    "metric": MetricFacts,
}
"""The fact classes by the name that they are bound to."""


def _record(name: str, members: dict[str, Type]) -> Type:
    return Type("struct", shape=RecordShape(name, tuple(members.items())))


def _facts(name: str) -> Type:
    return Type("struct", shape=FactShape(FACTS[name]))


def _job() -> Type:
    members = FactShape(JobFacts).members()
    return _record("job", {**members, "form": Type("string", choices=FORM_NAMES)})


def _parameter() -> Type:
    kinds = {"Name": STRING, "Values": Type("list", True, item=STRING)}
    return _record("parameter", {name: kinds.get(name, Type("string", True)) for name in RANGE_MEMBERS})


class Word(msgspec.Struct, frozen=True):
    """A name of the rules' language: its description for the docs, and its type, computed on demand."""

    description: str
    type: Callable[[], Type]


WORDS: dict[str, Word] = {
    "options": Word("The rule's options, by name.", lambda: _record("options", {})),
    "defaulted": Word(
        "The paths, from the scope's node, whose value is a default of the SDK or the service.",
        lambda: Type("list", item=STRING),
    ),
    "observed": Word(
        "The kinds of the job's observations: what the reader saw that the request no longer shows.",
        lambda: Type("list", item=STRING),
    ),
    "job": Word("The job as it is written, and where.", _job),
    "today": Word("The day of the check in UTC, as `2026-11-28`: such texts compare as dates do.", lambda: STRING),
    "data": Word(
        "The tables in the files `data/NAME.csv` of the rule's folder of policies, by name.",
        lambda: _record("data", {}),
    ),
    "request": Word("The whole request.", lambda: schema_type(schema.REQUEST)),
    "config": Word("The request's HyperParameterTuningJobConfig.", lambda: schema_type(schema.CONFIG)),
    "limits": Word("The config's ResourceLimits.", lambda: schema_type("ResourceLimits")),
    "space": Word("The search space.", lambda: _facts("space")),
    "budget": Word(
        "The number of trials, how many run at once, and what they use in the worst case.", lambda: _facts("budget")
    ),
    "cost": Word("What the whole job can use in the worst case.", lambda: _facts("cost")),
    "earlier": Word("An earlier run of the job, as its notebook's outputs show it.", lambda: _facts("earlier")),
    "parent": Word("A parent of the warm start that does not fit the job.", lambda: _facts("parent")),
    "objective": Word("The objective: the metric that the job optimises.", lambda: _facts("objective")),
    "training": Word("The training job definition.", lambda: schema_type(schema.DEFINITION)),
    "compute": Word("The instances that one trial runs on.", lambda: _facts("compute")),
    "algorithm": Word("The algorithm in the definition's image, if it is known.", lambda: _facts("algorithm")),
    "inputs": Word("The input channels of the definition, and what its algorithm needs.", lambda: _facts("inputs")),
    "output": Word("Where the definition stores its models.", lambda: _facts("output")),
    "hyperparameters": Word("What the definition sends to its container.", lambda: _facts("hyperparameters")),
    "script": Word(
        "What the definition's training script does, if it is found.",
        lambda: _facts("script"),
    ),
    "hyperparameter": Word("A hyperparameter that the job sends.", lambda: _facts("hyperparameter")),
    "channel": Word("The input channel.", lambda: schema_type("Channel")),
    "input": Word("What the definition's algorithm makes of the channel.", lambda: _facts("input")),
    "receiver": Word(
        "The constructor of a library that receives the hyperparameter in the script.", lambda: _facts("receiver")
    ),
    "combination": Word(
        "Values that the constructor of a library refuses together, the hyperparameter's among them.",
        lambda: _facts("combination"),
    ),
    "switch": Word(
        "What keeps the tuned hyperparameter from any effect in the script.",
        lambda: _facts("switch"),
    ),
    "argument": Word("How the training script handles the hyperparameter.", lambda: _facts("argument")),
    "metric": Word("The metric definition.", lambda: _facts("metric")),
    "parameter": Word("The range, in the API's spelling; missing members are null.", _parameter),
    "range": Word("The range as numbers.", lambda: _facts("range")),
    "role": Word("The role that the parameter's name suggests; null if there is none.", lambda: Type("string", True)),
    "observation": Word("The observation, with the members of the kind that the rule observes.", lambda: STRING),
    "names": Word(
        "In a message of a rule with `group`: the names of all subjects of the finding.",
        lambda: Type("list", item=STRING),
    ),
    "count": Word("In a message of a rule with `group`: the number of these subjects.", lambda: INT),
}

EVERYWHERE = (
    *("options", "data", "today", "defaulted", "observed", "job", "request", "config", "limits", "space", "budget"),
    *("cost", "earlier", "parent", "objective", "training", "compute", "algorithm", "inputs", "output"),
    "hyperparameters",
    "script",
)
IN_MESSAGES = ("names", "count")
"""Bound only in the messages of a rule with ``group``."""


class Scope(msgspec.Struct, frozen=True):
    """What the subjects of a rule are.

    ``shapes`` are the possible shapes of a subject's node, empty if any is possible; ``own`` are the names that only
    this scope has.
    """

    description: str
    shapes: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names that are bound for a subject."""
        return (*EVERYWHERE, *self.own)


SCOPES: dict[str, Scope] = {
    "job": Scope("The whole tuning job.", (schema.REQUEST,)),
    "training": Scope("One training job definition.", (schema.DEFINITION,)),
    "parameter": Scope(
        "One tuned parameter.", tuple(RANGE_SHAPES.values()), ("parameter", "range", "role", "argument")
    ),
    "hyperparameter": Scope(
        "One hyperparameter, tuned or static, of one training job definition.",
        (),
        ("hyperparameter", "argument", "receiver", "combination", "switch"),
    ),
    "channel": Scope("One input channel of one training job definition.", ("Channel",), ("channel", "input")),
    "metric": Scope("One metric definition of a training job definition.", ("MetricDefinition",), ("metric",)),
    "observation": Scope("One observation: what a reader saw that the request no longer shows.", (), ("observation",)),
    "source": Scope("A file. A rule with this scope has no condition: readers report its findings."),
}

OF_ONE_DEFINITION = ("training", "compute", "algorithm", "inputs", "output", "hyperparameters", "script")
"""Null in other scopes if the job has several definitions, or if they share the range."""

GROUPS = ("job", "call")


def types(rule: Rule) -> dict[str, Type]:
    """The names that a rule's condition can use, with their types."""
    names = {name: WORDS[name].type() for name in SCOPES[rule.scope].names}
    names["options"] = _record("options", {name: option_type(option.kind) for name, option in rule.options.items()})
    names["data"] = _record("data", {name: _table(rows) for name, rows in rule.data.items()})
    if rule.scope not in ("training", "channel"):
        for name in OF_ONE_DEFINITION:
            names[name] = Type(names[name].kind, True, names[name].item, names[name].shape)
    if "observation" in names:
        names["observation"] = Type("struct", shape=FactShape(KINDS.get(rule.observes or "", Observed)))
    return names


def _table(rows: Sequence[Mapping[str, str]]) -> Type:
    """The type of a table: a list of rows, whose columns are texts. A file without rows is refused."""
    return Type("list", item=_record("row", dict.fromkeys(rows[0], STRING)))


def option_type(kind: str) -> Type:
    """The type of an option's value."""
    simple = {"string": STRING, "int": INT, "double": DOUBLE, "bool": BOOL}
    if kind.startswith("list["):
        return Type("list", item=simple[kind[5:-1]])
    return simple[kind]


def message_types(rule: Rule) -> dict[str, Type]:
    """The names that a rule's message can use."""
    names = types(rule)
    if rule.group:
        names |= {name: WORDS[name].type() for name in IN_MESSAGES}
    return names
