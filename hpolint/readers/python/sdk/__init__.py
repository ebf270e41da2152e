"""What the SageMaker SDK and boto3 make of calls: tuners, estimators, and the requests that they launch."""

from __future__ import annotations

from hpolint import schema
from hpolint.model.job import Observation
from hpolint.model.node import Node, Struct, Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.model.spelling import Gaps
from hpolint.model.training_code import Code
from hpolint.readers.placeholders import resolved_struct
from hpolint.readers.python.interpreter.library_model import NoLibraries
from hpolint.readers.python.interpreter.operators import aliases, forget
from hpolint.readers.python.interpreter.state import twin
from hpolint.readers.python.interpreter.units import line_text
from hpolint.readers.python.interpreter.values import Arguments, Constant, Either, Instance, Mapping, Value, unknown
from hpolint.readers.python.launch_libraries import LAUNCH_LIBRARIES
from hpolint.readers.python.sdk import carriers, objects
from hpolint.readers.python.sdk.estimator import Estimator
from hpolint.readers.python.sdk.images import looked_up
from hpolint.readers.python.sdk.launches import (
    CORE_JOB,
    TUNER,
    Launched,
    Launches,
    Site,
    instances,
    is_tuner,
    made_by,
    model_of,
    spelling_of,
)
from hpolint.readers.python.sdk.mocks import MOCKS, is_mock
from hpolint.readers.python.sdk.nodes import BoundArguments, has_values, join_nodes, to_node
from hpolint.readers.python.sdk.shapes import create_request
from hpolint.readers.python.sdk.trainer import chained
from hpolint.readers.python.sdk.tuner import DERIVED, INSTANCE_CONFIGS, Tuner
from hpolint.readers.python.sdk.tuning_config import HELPER_GAPS, STATE_GAPS, ExportedTuner, merged

PACKAGES = frozenset({"sagemaker", "sagemaker_core", "stepfunctions", "boto3"})
CHANGING = ("set_", "override_", "update", "with_", "add_", "enable_", "disable_")
"""How methods begin that change an object of the SDK."""

COPYING = frozenset({"model_copy", "copy"})
"""Methods of pydantic's models that give another object with the same parts."""

NAME = "HyperParameterTuningJobName"
IN_PIPELINE = "is made by the pipeline for each of its executions"
CREATE = "create_hyper_parameter_tuning_job"
DERIVING = {
    "identical_dataset_and_algorithm_tuner": "IdenticalDataAndAlgorithm",
    "transfer_learning_tuner": "TransferLearning",
}
LAUNCHING = ("fit", "tune", "_start_tuning_job")
MAX_NESTING = 4
HANDED_TO = ("Step", "Operator")
"""How the classes of other libraries are named that launch the tuner that they are given."""


class Sdk(NoLibraries):
    """The model of the SDK, and what has been launched so far."""

    def __init__(self) -> None:
        self.sites: dict[Site, Launches] = {}
        self._trained: set[Span] = set()
        self._exports: dict[Span, list[Struct]] = {}

    def requests(self) -> list[Launched]:
        """What each site launches: what its launches have in common, in the text's order."""
        found = []
        for (span, name), launches in sorted(self.sites.items(), key=lambda item: item[0][0]):
            each = launches.launched or launches.handed or launches.ended or launches.dead or launches.dead_ended
            if not each and launches.made is not None and not is_mock(made_by(launches.made)):  # no name holds it
                each = [self._unheld(launches, launches.made)]
            if not each:
                continue
            request: Node = each[0]
            for other in each[1:]:
                what = "launches of the tuner" if launches.made is not None else "calls"
                request = join_nodes(request, other, f"differs between the {what} at line {line_text(span)}")
            observations = self._observations(launches)
            if isinstance(request, Struct):
                carrier = f"tuner, as handed to `{launches.to}`" if each is launches.handed else None
                spelt = spelling_of(name, launches)
                codes, calls = launches.codes, launches.calls
                found.append(Launched(span, launches.form, request, observations, spelt, carrier, calls, codes))
        return found

    def _unheld(self, launches: Launches, made: Instance) -> Struct:
        """The request of a tuner that no name holds at the end."""
        return self._built(launches, model_of(made), None)

    def _observations(self, launches: Launches) -> list[Observation]:
        """What was observed, but nothing that the tuner drops and a training job of the estimator's own uses."""
        return [seen for seen in launches.observations.values() if seen.span not in self._trained]

    def is_read_only(self, module: str) -> bool:
        """Whether the functions of a top-level module change none of the dicts and lists that they are given."""
        return module in LAUNCH_LIBRARIES

    def call(self, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """A call of something imported; None if the SDK's model has nothing to say."""
        package, last = name.partition(".")[0], name.rpartition(".")[2]
        if last == CREATE:
            self._create(arguments, callee)
            return unknown(is_a("the service's answer"), span)
        makes_tuner = name.endswith((f"{TUNER}.create", f".{TUNER}"))
        if package in PACKAGES and not makes_tuner:
            self._note_trained(arguments)
        if self._carried(name, arguments, callee) or (name in MOCKS and "wraps" not in arguments.keywords):
            return Instance(name, arguments, callee)
        if package not in PACKAGES:
            self._note_handed(last, arguments.keywords.get("tuner"))
            return None
        if makes_tuner:
            tuner = objects.made(name, arguments, callee)
            self.sites.setdefault(tuner.site, Launches("python-sdk")).made = tuner
            return tuner
        if name.endswith(f".{CORE_JOB}.create"):
            self._sent(callee, name, "python-sdk", create_request(arguments, callee))
            return unknown(is_a("the job that was created"), span)
        return _made(name, arguments, callee, span)

    def _note_handed(self, cls: str, tuner: Value | None) -> None:
        """A tuner that a step of another library is given by name: that library launches it, as it is until then."""
        if (
            not cls.endswith(HANDED_TO)
            or not isinstance(tuner, Instance)
            or not is_tuner(tuner)
            or self.turned_off_depth
        ):
            return
        if not is_mock(made_by(tuner)):
            site = self.sites.setdefault(tuner.site, Launches("python-sdk"))
            site.handed.append(self._built(site, model_of(tuner), None))
            site.to = cls

    def extends(self, name: str) -> bool:
        """Whether a class is the SDK's tuner, which a source's own class may be too."""
        return name.partition(".")[0] in PACKAGES and name.endswith(f".{TUNER}")

    def _note_trained(self, arguments: Arguments) -> None:
        """An estimator that something else than a tuner is given: a training step, Airflow's configuration."""
        for value in arguments.values():
            if isinstance(value, Instance) and value.user_class is None and not is_tuner(value):
                self._trained |= Estimator(value).used_alone()

    def method(self, receiver: Value, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """A method call; None if the SDK's model has nothing to say."""
        if name == CREATE:
            self._create(arguments, callee)
            return unknown(is_a("the service's answer"), span)
        if name in carriers.ORDERING:
            return Constant(None, span)
        if isinstance(receiver, Either):
            return self._lost_method(receiver, name, arguments, span)
        if not isinstance(receiver, Instance) or receiver.user_class is not None:
            return None
        self.item_used(receiver, span)
        if is_tuner(receiver):
            return self._tuner_method(receiver, name, arguments, span)
        return chained(receiver, name) or self._estimator_method(receiver, name, arguments, span)

    def _estimator_method(self, receiver: Instance, name: str, arguments: Arguments, span: Span) -> Value | None:
        """A method of an estimator, a trainer or a shape."""
        if name == "fit":
            self._trained |= Estimator(receiver).used_alone()
        elif name == "set_hyperparameters" and objects.HYPERPARAMETERS in receiver.attributes:
            objects.set_hyperparameters(receiver, arguments, span)
            return Constant(None, span)
        elif name == "hyperparameters" and not Estimator(receiver).is_framework:
            return receiver.attributes.get(objects.HYPERPARAMETERS)
        elif name in COPYING:
            return aliases([receiver], unknown(is_a(f"what `{name}()` returns"), span))
        elif name == "update_environment_variables":
            receiver.attributes["environment"] = unknown(f"may be changed by `{name}()`", span)
        return None

    def _lost_method(self, receiver: Either, name: str, arguments: Arguments, span: Span) -> Value | None:
        """A method of one of several objects: each may have been meant."""
        for candidate in receiver.candidates:
            if name in LAUNCHING and isinstance(candidate, Instance) and is_tuner(candidate):
                self._tuner_method(candidate, name, arguments, span)
            elif not isinstance(candidate, Instance) or name.startswith(CHANGING):
                forget(candidate, unknown(f"may be changed by `{name}()`", span))
        return None

    def _carried(self, name: str, arguments: Arguments, callee: Span) -> bool:
        """Whether a call is one that launches a request beside ``fit`` and boto3; then it is launched."""
        if carriers.is_operator(name):
            request = carriers.operators_request(BoundArguments(arguments, ("config",)).get("config"), callee)
            if request is not None:
                self._sent(callee, name, "airflow", request)
        elif carriers.is_helper(name):
            tuner, launch = carriers.helpers_launch(arguments)
            exported = self._launch(tuner, launch, exported=HELPER_GAPS, at=callee)
            if exported is not None:
                filled_in = resolved_struct(exported)  # Airflow takes every string for a template
                exported.members, exported.open = filled_in.members, filled_in.open
                self._exports.setdefault(callee, []).append(exported)
        elif carriers.is_state(name):
            tuner, launch, parameters = carriers.states_launch(arguments)
            self._launch(tuner, launch, exported=STATE_GAPS, parameters=parameters, at=callee)
        elif carriers.is_pipeline_step(name):
            tuner, launch = carriers.pipelines_launch(arguments)
            request = self._launch(tuner, launch, at=callee)
            if request is not None:
                request.members[NAME] = unknown(IN_PIPELINE, callee)
        else:
            return False
        return True

    def _launch(
        self,
        tuner: Value | None,
        launch: Arguments,
        *,
        at: Span,
        exported: Gaps | None = None,
        parameters: Value | None = None,
    ) -> Struct | None:
        """Launch a tuner, by its own ``fit`` or ``exported`` without some members; None if it is no tuner."""
        if not isinstance(tuner, Instance) or not is_tuner(tuner) or is_mock(made_by(tuner)):
            return None
        site = self.sites.setdefault(tuner.site, Launches("python-sdk"))
        model = ExportedTuner(tuner) if exported is not None else model_of(tuner)
        site.gaps = exported or site.gaps
        request = merged(self._built(site, model, launch), parameters)
        site.calls.append(at)
        (site.dead if self.turned_off_depth else site.launched).append(request)
        return request

    def attribute(self, instance: Instance, name: str) -> Value | None:
        """An attribute of an object of the SDK that its arguments tell."""
        if name in LAUNCHING and instance.escaped is not None and instance.site in self.sites:
            self.sites[instance.site].handed.clear()  # whoever it was handed to, it is launched here
        return objects.attribute(instance, name)

    def assigned(self, instance: Instance, value: Value) -> Value:
        """What an object of the SDK keeps of a value that is assigned to an attribute."""
        return objects.owned(value) if instance.cls.startswith(objects.PYDANTIC) else value

    def is_copied(self, instance: Instance) -> bool:
        """Whether a shallow copy is an object of its own; pydantic's share what they hold."""
        return not instance.cls.startswith(objects.PYDANTIC)

    def item_used(self, value: Value, span: Span, index: Value | None = None) -> None:  # noqa: ARG002
        """An item or a method of an exported request is used: it may be changed from now on."""
        if isinstance(value, Instance) and carriers.is_helper(value.cls):
            value.escaped = unknown("may be changed item by item", span)

    def scope_ends(self, values: list[Value]) -> None:
        """A tuner that nobody has launched stands for the job that it is at the end of its scope."""
        if not self.sites:
            return
        for instance in instances(values, MAX_NESTING):
            launches = self.sites.get(instance.site)
            if is_tuner(instance) and launches is not None and not is_mock(made_by(instance)):
                ends = launches.dead_ended if self.turned_off_depth else launches.ended
                ends.append(self._built(launches, model_of(instance), None))
            elif carriers.is_helper(instance.cls) and instance.escaped is not None:
                for request in self._exports.get(instance.span, []):
                    request.members, request.open = {}, instance.escaped

    def _built(self, launches: Launches, model: Tuner, arguments: Arguments | None) -> Struct:
        """A tuner's request; what was observed on the way is kept once for each place."""
        request = model.request(arguments)
        launches.observations |= {(seen.kind, seen.span): seen for seen in model.observations}
        for path, code in model.codes().items():
            if launches.codes.setdefault(path, code) != code:
                differs = unknown("differs between the launches of the tuner", model.span)
                launches.codes[path] = Code(by_toolkit=code.by_toolkit, unknown=differs)
        return request

    def _tuner_method(self, tuner: Instance, name: str, arguments: Arguments, span: Span) -> Value | None:
        if name in LAUNCHING:
            request = self._launch(tuner, arguments, at=span)
            if request is not None and carriers.in_pipeline(made_by(tuner)):
                request.members[NAME] = unknown(IN_PIPELINE, tuner.span)
            return unknown(is_a("what `fit()` returns"), span)
        if name == "override_resource_config":
            given = arguments.keywords.get("instance_configs") or next(iter(arguments.positional), None)
            tuner.attributes[INSTANCE_CONFIGS] = given or arguments.open or Constant(None, span)
            return Constant(None, span)
        if name in DERIVING:
            return self._derived(tuner, DERIVING[name], arguments, span)
        return None

    def _derived(self, tuner: Instance, kind: str, arguments: Arguments, span: Span) -> Instance:
        """A new tuner with another's settings, warm-started from its job, whose name the text does not have."""
        derived = twin(tuner)
        derived.span = span
        derived.attributes[DERIVED] = Constant(kind, span)
        for lost in ("metric_definitions", "tags", "base_tuning_job_name", "autotune", INSTANCE_CONFIGS):
            derived.attributes[lost] = Constant(None, span)
        names = ("additional_parents", "estimator") if kind == "TransferLearning" else ("additional_parents",)
        estimator = BoundArguments(arguments, names).get("estimator")
        if estimator is not None and not (isinstance(estimator, Constant) and estimator.value is None):
            derived.attributes["estimator"] = estimator
        self.sites.setdefault(derived.site, Launches("python-sdk"))
        return derived

    def _create(self, arguments: Arguments, callee: Span) -> None:
        """boto3's call: the keywords are the request, unless they are a tuner's, exported."""
        if any(isinstance(value, Instance) and carriers.is_helper(value.cls) for value in arguments.spread):
            return
        if arguments.keywords and not arguments.keywords.keys() & schema.members(schema.REQUEST).keys():
            return  # another's method of that name: boto3 refuses all of its keywords
        request = Struct({}, callee, callee, {}, arguments.open)
        for name, value in arguments.keywords.items():
            node = to_node(value, callee)
            place = arguments.places.get(name, callee)
            if node is not None:
                if not isinstance(node, Unknown) and hasattr(node, "anchor"):
                    node.anchor = place
                request.members[name], request.keys[name] = node, place
        self._sent(callee, CREATE, "boto3", request)

    def _sent(self, callee: Span, name: str, form: str, request: Struct) -> None:
        """A request is sent without a tuner. Of a wrapper, which only passes on what its callers define, none is."""
        if self.uncalled_depth and not has_values(request):
            return
        site = self.sites.setdefault((callee, name), Launches(form))
        (site.dead if self.turned_off_depth else site.launched).append(request)


def _made(name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
    """What a function or class of the SDK gives that has no part in a launch."""
    image = looked_up(name, arguments, span)
    if image is not None:
        return image
    if name.endswith("hyperparameters.retrieve_default"):
        return Mapping({}, span, open=unknown(is_a("a default that the SDK looks up"), span))
    is_class = name.rpartition(".")[2][:1].isupper() and not name.startswith("boto3.")
    return objects.made(name, arguments, callee) if is_class else None
