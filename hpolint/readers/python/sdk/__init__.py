"""What the SageMaker SDK and boto3 make of calls: tuners, estimators, and the requests that they launch."""

from __future__ import annotations

from dataclasses import dataclass, field

from hpolint.job import Observation
from hpolint.node import Node, Struct, Unknown
from hpolint.readers.python.sdk.estimator import Estimator, set_hyperparameters
from hpolint.readers.python.sdk.images import old_image_uri, retrieved
from hpolint.readers.python.sdk.nodes import join_nodes, to_node
from hpolint.readers.python.sdk.shapes import create_request
from hpolint.readers.python.sdk.trainer import TrainerTuner, chained, is_version_3
from hpolint.readers.python.sdk.tuner import DERIVED, INSTANCE_CONFIGS, Tuner
from hpolint.readers.python.state import copy_value
from hpolint.readers.python.units import line_text
from hpolint.readers.python.values import (
    Arguments,
    Instance,
    Known,
    Mapping,
    Sequence,
    Value,
    unknown,
)
from hpolint.source import Span

PACKAGES = frozenset({"sagemaker", "sagemaker_core", "stepfunctions", "boto3"})
TUNER = "HyperparameterTuner"
PYDANTIC = ("sagemaker.core.", "sagemaker.train.", "sagemaker_core.")
CORE_JOB = "HyperParameterTuningJob"
CREATE = "create_hyper_parameter_tuning_job"
DERIVING = {
    "identical_dataset_and_algorithm_tuner": "IdenticalDataAndAlgorithm",
    "transfer_learning_tuner": "TransferLearning",
}
MAX_NESTING = 4

Site = tuple[Span, str]


@dataclass
class Launches:
    """The requests that one constructor or call site ends in.

    ``ended`` are of scopes that ended without a launch, ``dead`` of branches that are turned off.
    """

    form: str
    launched: list[Struct] = field(default_factory=list)
    ended: list[Struct] = field(default_factory=list)
    dead: list[Struct] = field(default_factory=list)
    observations: dict[tuple[str, Span], Observation] = field(default_factory=dict)
    made: Instance | None = None


class Sdk:
    """The model of the SDK, and what has been launched so far."""

    def __init__(self) -> None:
        self.sites: dict[Site, Launches] = {}
        self.dead = 0
        self._trained: set[Span] = set()

    def requests(self) -> list[tuple[str, Struct, list[Observation]]]:
        """Each site's form, request (what its launches have in common) and observations, in the text's order."""
        found = []
        for (span, _), launches in sorted(self.sites.items(), key=lambda item: item[0][0]):
            each = launches.launched or launches.ended or launches.dead
            if not each and launches.made is not None:  # no name ever held it
                each = [self._built(launches, launches.made, None)]
            if not each:
                continue
            request: Node = each[0]
            for other in each[1:]:
                request = join_nodes(
                    request, other, f"differs between the launches of the tuner at line {line_text(span)}"
                )
            assert isinstance(request, Struct)
            found.append((launches.form, request, self._observations(launches)))
        return found

    def _observations(self, launches: Launches) -> list[Observation]:
        """What was observed, but nothing that the tuner drops and a training job of the estimator's own uses."""
        return [seen for seen in launches.observations.values() if seen.span not in self._trained]

    def call(self, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """A call of something imported; None if the SDK's model has nothing to say."""
        package, last = name.partition(".")[0], name.rpartition(".")[2]
        if last == CREATE:
            self._create(arguments, callee)
            return unknown("is the service's answer", span)
        if package not in PACKAGES:
            return None
        if name.endswith(f".{CORE_JOB}.create"):
            site = self.sites.setdefault((callee, name), Launches("python-sdk"))
            (site.dead if self.dead else site.launched).append(create_request(arguments, callee))
            return unknown("is the job that was created", span)
        if name.endswith((f"{TUNER}.create", f".{TUNER}")):
            tuner = Instance(name, arguments, callee)
            self.sites.setdefault(tuner.site, Launches("python-sdk")).made = tuner
            return tuner
        if name.endswith("image_uris.retrieve"):
            return retrieved(arguments, span)
        if last == "get_image_uri":
            return old_image_uri(arguments, span)
        if last[:1].isupper() and package != "boto3":
            if name.startswith(PYDANTIC):
                arguments.keywords = {key: _own(value) for key, value in arguments.keywords.items()}
            return Instance(name, arguments, callee)
        return None

    def method(self, receiver: Value, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """A method call; None if the SDK's model has nothing to say."""
        if name == CREATE:
            self._create(arguments, callee)
            return unknown("is the service's answer", span)
        if not isinstance(receiver, Instance) or receiver.user_class is not None:
            return None
        if _is_tuner(receiver):
            return self._tuner_method(receiver, name, arguments, span)
        same = chained(receiver, name)
        if same is not None:
            return same
        if name == "fit":
            self._trained |= Estimator(receiver).used_alone()
            return None
        if name == "set_hyperparameters":
            set_hyperparameters(receiver, arguments, span)
            return Known(None, span)
        if name == "update_environment_variables":
            receiver.attributes["environment"] = unknown(f"may be changed by `{name}()`", span)
        return None

    def scope_ends(self, values: list[Value]) -> None:
        """A tuner that nobody has launched stands for the job that it is at the end of its scope."""
        for tuner in _tuners(values, MAX_NESTING):
            launches = self.sites.get(tuner.site)
            if launches is not None:
                (launches.dead if self.dead else launches.ended).append(self._built(launches, tuner, None))

    def _built(self, launches: Launches, tuner: Instance, arguments: Arguments | None) -> Struct:
        """A tuner's request; what was observed on the way is kept once for each place."""
        model = _model(tuner)
        request = model.request(arguments)
        launches.observations |= {(seen.kind, seen.span): seen for seen in model.observations}
        return request

    def _tuner_method(self, tuner: Instance, name: str, arguments: Arguments, span: Span) -> Value | None:
        if name in ("fit", "tune", "_start_tuning_job"):
            site = self.sites.setdefault(tuner.site, Launches("python-sdk"))
            (site.dead if self.dead else site.launched).append(self._built(site, tuner, arguments))
            return unknown("is what `fit()` returns", span)
        if name == "override_resource_config":
            given = arguments.keywords.get("instance_configs") or next(iter(arguments.positional), None)
            tuner.attributes[INSTANCE_CONFIGS] = given or arguments.open or Known(None, span)
            return Known(None, span)
        if name in DERIVING:
            return self._derived(tuner, DERIVING[name], arguments, span)
        return None

    def _derived(self, tuner: Instance, kind: str, arguments: Arguments, span: Span) -> Instance:
        """A new tuner with another's settings, warm-started from its job, whose name the text does not have."""
        derived = copy_value(tuner, {})
        assert isinstance(derived, Instance)
        derived.span = span
        derived.attributes[DERIVED] = Known(kind, span)
        for lost in ("metric_definitions", "tags", "base_tuning_job_name", "autotune", INSTANCE_CONFIGS):
            derived.attributes[lost] = Known(None, span)
        estimator = arguments.keywords.get("estimator")
        if estimator is not None and not (isinstance(estimator, Known) and estimator.value is None):
            derived.attributes["estimator"] = estimator
        self.sites.setdefault(derived.site, Launches("python-sdk"))
        return derived

    def _create(self, arguments: Arguments, callee: Span) -> None:
        """boto3's call: the keywords are the request."""
        request = Struct({}, callee, callee, {}, arguments.open)
        for name, value in arguments.keywords.items():
            node = to_node(value, callee)
            place = arguments.places.get(name, callee)
            if node is not None:
                if not isinstance(node, Unknown) and hasattr(node, "anchor"):
                    node.anchor = place
                request.members[name], request.keys[name] = node, place
        site = self.sites.setdefault((callee, CREATE), Launches("boto3"))
        (site.dead if self.dead else site.launched).append(request)


def _own(value: Value) -> Value:
    """A copy of a dict or list, as pydantic's models make of what they are given."""
    if isinstance(value, Mapping):
        return Mapping(dict(value.entries), value.span, dict(value.keys), value.open)
    if isinstance(value, Sequence):
        return Sequence(value.kind, list(value.items), value.span, value.open)
    return value


def _model(tuner: Instance) -> Tuner:
    """The model of a tuner of either version."""
    return TrainerTuner(tuner) if is_version_3(tuner) else Tuner(tuner)


def _is_tuner(value: Value) -> bool:
    return isinstance(value, Instance) and value.cls.endswith((f".{TUNER}", f"{TUNER}.create"))


def _tuners(values: list[Value], depth: int) -> list[Instance]:
    """The tuners among some values and within them."""
    found: list[Instance] = []
    for value in values:
        if isinstance(value, Instance) and _is_tuner(value):
            found.append(value)
        elif depth and isinstance(value, Mapping):
            found += _tuners(list(value.entries.values()), depth - 1)
        elif depth and isinstance(value, Sequence):
            found += _tuners(value.items, depth - 1)
        elif depth and isinstance(value, Instance):
            found += _tuners([*value.attributes.values(), *value.arguments.values()], depth - 1)
    return found
