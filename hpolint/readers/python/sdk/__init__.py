"""A model of the SageMaker SDK and boto3: tuners, estimators, and the requests that they launch."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Hashable, Iterator
from collections.abc import Sequence as Names

from msgspec.structs import replace

from hpolint import schema
from hpolint.model.job import Observation
from hpolint.model.libraries import LIBRARIES
from hpolint.model.node import Array, Scalar, Struct, Unknown, follow
from hpolint.model.observations import (
    ArgumentDropped,
    BestModelUsed,
    MethodNotCalled,
    Observed,
    PipelineVariableRead,
    SameNameInAMinute,
    StaticShadowedByRange,
    StepCacheMissed,
)
from hpolint.model.reasons import NAME_IN_PIPELINE, Kind, is_a
from hpolint.model.source import Span
from hpolint.model.spelling import Gaps
from hpolint.model.training_code import Code
from hpolint.readers.placeholders import resolved_struct
from hpolint.readers.python.imported_files import ImportedFiles
from hpolint.readers.python.interpreter import command_options
from hpolint.readers.python.interpreter.calls import Site as CallSite
from hpolint.readers.python.interpreter.library_model import LibraryModel
from hpolint.readers.python.interpreter.operators import aliases, forget
from hpolint.readers.python.interpreter.state import twin
from hpolint.readers.python.interpreter.trail import Turn
from hpolint.readers.python.interpreter.units import STRIDE, line_text
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Either,
    Instance,
    Mapping,
    Method,
    Symbol,
    UserClass,
    Value,
    is_foreign,
    is_own,
    returned_by,
    unknown,
)
from hpolint.readers.python.launch_libraries import LAUNCH_LIBRARIES
from hpolint.readers.python.sdk import (
    carriers,
    objects,
    pipeline_steps,
    pipeline_variables,
    refused_calls,
    refused_parts,
    signatures,
    tuner_use,
)
from hpolint.readers.python.sdk.callees import callees_of_request, callees_of_tuner, generation_of
from hpolint.readers.python.sdk.estimator import Estimator
from hpolint.readers.python.sdk.image_lookups import refused_lookup
from hpolint.readers.python.sdk.images import looked_up_address
from hpolint.readers.python.sdk.inputs import OLD_TRAINING_INPUT
from hpolint.readers.python.sdk.job_names import fixed_name, identity_of, long_name
from hpolint.readers.python.sdk.job_order import JobOrder
from hpolint.readers.python.sdk.launches import (
    CORE_JOB,
    TUNER,
    Launched,
    Launches,
    Site,
    estimator_of,
    instances,
    is_tuner,
    model_of,
    nested,
    spelling_of,
)
from hpolint.readers.python.sdk.mocks import MOCKS, is_mock
from hpolint.readers.python.sdk.nodes import BoundArguments, add_member, arguments_of, has_values, to_node
from hpolint.readers.python.sdk.shapes import create_request
from hpolint.readers.python.sdk.trainer import chained_call, is_version_3
from hpolint.readers.python.sdk.tuner import DERIVED, DERIVED_BY, INSTANCE_CONFIGS, LOST_METRICS, SETTINGS_PLACE, Tuner
from hpolint.readers.python.sdk.tuning_config import HELPER_GAPS, STATE_GAPS, ExportedTuner, merged
from hpolint.readers.python.sdk.uploads import CsvFiles
from hpolint.readers.python.sdk.ways import Folded, Sending, folded
from hpolint.readers.python.sdk.written_requests import WrittenRequests

PACKAGES = frozenset({"sagemaker", "sagemaker_core", "stepfunctions", "boto3"})
CHANGING_PREFIXES = ("set_", "override_", "update", "with_", "add_", "enable_", "disable_")
"""Prefixes of methods that change an SDK object."""

COPYING = frozenset({"model_copy", "copy"})
"""Methods of pydantic models that return a copy with the same parts."""

NAME = "HyperParameterTuningJobName"
CREATE = "create_hyper_parameter_tuning_job"
ANSWER = is_a("the service's answer")
DERIVING = {
    "identical_dataset_and_algorithm_tuner": "IdenticalDataAndAlgorithm",
    "transfer_learning_tuner": "TransferLearning",
}
NOT_COPIED = (
    *("tags", "base_tuning_job_name", "autotune", "hyperparameters_to_keep_static"),
    *("hyperparameters_to_keep_static_dict", INSTANCE_CONFIGS),
)
"""Settings of a tuner that a derived one does not have, beside its metric definitions."""

LAUNCHING = ("fit", "tune", "_start_tuning_job")
REGISTERING = ("register", "register_first", "register_last")
"""Methods by which botocore's events get a handler."""

ANALYTICS = "HyperparameterTuningJobAnalytics"
MAX_NESTING = 4
STEP_CLASS_ENDINGS = ("Step", "Operator")
"""Endings of other libraries' classes that launch the tuner that they are given."""


PIPELINE_STEP = "sagemaker.workflow.steps.TuningStep"


class Sdk(LibraryModel):
    """The model of the SDK, and the launches so far.

    ``files`` are those that the source may load. ``written`` are the requests in its dicts, if these are read.
    ``csv_files`` are those that it writes as CSV.
    """

    def __init__(self, files: ImportedFiles, written: WrittenRequests | None, csv_files: CsvFiles) -> None:
        self._files = files
        self._written = written
        self.sites: dict[Site, Launches] = {}
        self._trained: set[Span] = set()
        self._exports: dict[Span, list[Struct]] = {}
        self.commands: dict[Span, None] = {}
        """The calls that start a job by the AWS CLI, with a definition that is not read."""
        self.examined: set[Span] = set()
        """The callees of other calls that were examined and launch no job of their own."""
        self.unread: set[Span] = set()
        """The callees of calls that launch a job whose settings are elsewhere."""
        self._steps: list[tuple[Struct, Instance, Arguments]] = []
        self._lookups: dict[Span, list[list[refused_calls.Seen]]] = {}
        """Why each call that looks up an image raises an error, by the place of the call; empty if it does not."""
        self._arrays: set[Span] = set()
        """The calls that make an array of numpy."""
        self._launched_for_steps: dict[Span, Instance] = {}
        """The tuners that a pipeline's session has launched, by the place of the call."""
        self._top_models = pipeline_steps.TopModels()
        self._order = JobOrder()
        self._best_estimators: dict[Span, Instance] = {}
        """The tuner of each call of `best_estimator()`, by the place of the call."""
        self._csv_files = csv_files
        self._faults: dict[Span, Observed] = {}
        """What is wrong with expressions that belong to no single job, such as those with a pipeline's variable."""
        self._variables_as_keys: dict[Span, list[tuple[Span, str]]] = {}
        """The pipeline's variables among the keys of dicts, by the place of the dict."""
        self._changed: Unknown | None = None
        """Why a request may differ from what the source says: it changes the libraries themselves."""
        self.unbound_reads: set[str] = set()
        """The names that are not bound where the source reads them."""

    def requests(self) -> list[Launched]:
        """One job for each site with the common values of its launches, in the order of the source."""
        launched: list[Launched] = []
        for (span, name), launches in sorted(self.sites.items(), key=lambda item: item[0][0]):
            kind = "calls" if launches.tuner is None else "launches of the tuner"
            common = launches.folded(f"differs between the {kind} at line {line_text(span)}")
            if common is None and launches.tuner is not None and not is_mock(estimator_of(launches.tuner)):
                # it is not bound to a name at the end
                launches.unlaunched.append(self._build(launches, model_of(launches.tuner), None))
                common = Folded(launches.unlaunched[0])
            if common is not None:
                launched.append(self._launched(span, name, launches, common))
        if self._written is not None:
            launched += self._written.launched(launched)
        return sorted(launched, key=lambda job: job.site)

    def requests_from(self, units: Collection[int]) -> list[Launched]:
        """The jobs of other units that a call in one of these units launches, with the values of these calls alone."""
        launched: list[Launched] = []
        for (span, name), launches in self.sites.items():
            own = [sending for sending in launches.launched if sending.is_from(units)]
            if own and span.line // STRIDE not in units:
                reason = f"differs between the calls of line {line_text(span)}"
                launched.append(self._launched(span, name, launches, folded(own, reason)))
        return launched

    def _launched(self, span: Span, name: str, launches: Launches, common: Folded) -> Launched:
        """The job of a site."""
        if self._changed is not None:
            common = Folded(Struct({}, common.request.span, span, open=self._changed))
        return Launched(
            site=span,
            form=launches.form,
            folded=common,
            observations=[*self._observations(launches), *self._late_observations(span, launches, common)],
            spelling=spelling_of(name, launches),
            carrier=f"tuner, as handed to `{launches.step_class}`" if launches.is_handed else None,
            calls=launches.calls,
            codes=launches.codes,
            callees=launches.callees,
            is_disabled=launches.is_disabled,
            has_more_launches=any(sending.is_called_by(self.skipped_functions) for sending in launches.launched),
        )

    def _late_observations(self, span: Span, launches: Launches, common: Folded) -> Iterator[Observation]:
        """The observations for which all launches of a site need to be known."""
        if self._changed is None:
            for place, early in self._order.early_questions(span, launches.calls):
                yield Observation((), place, early)
        if span == self._first_site():
            for place, observed in self._faults.items():
                yield Observation((), place, observed)
        if launches.launched:
            yield from _observed_names(launches, common)

    def _first_site(self) -> Span | None:
        """The place of the first job, with which what is wrong with the program as a whole is reported."""
        return min((span for span, _ in self.sites), default=None)

    def finish(self) -> None:
        """Read the tuners of pipeline steps again: a step's request is made when the pipeline is sent."""
        for request, tuner, launch in self._steps:
            sent = self._build(self.sites[tuner.site], model_of(tuner), launch)
            sent.members[NAME] = request.members[NAME]
            request.members, request.keys, request.open = sent.members, sent.keys, sent.open
        for tuner, place, observed in self._top_models.faults():
            self._site_of(tuner).observe((), place, observed)

    def accounted(self) -> set[Span]:
        """The callees of the calls that launch a job that is read, or none."""
        return {span for span, _ in self.sites} | self.examined

    def _observations(self, launches: Launches) -> list[Observation]:
        """The observations, without faults of arguments that a training job of the same estimator uses."""
        observations: list[Observation] = []
        for observation in launches.observations.values():
            observed = observation.observed
            if observed.is_error and (self._changed or self._is_expected(launches, observation.span)):
                continue
            if observation.span in self._trained:
                if isinstance(observed, ArgumentDropped):
                    continue
                if isinstance(observed, StaticShadowedByRange):  # the SDK drops it in the tuning job all the same
                    observation = replace(observation, observed=replace(observed, outside=False))
            observations.append(observation)
        return observations

    def _is_expected(self, launches: Launches, place: Span) -> bool:
        """Whether the source expects an error of a launch, or of an expression at some place."""
        return launches.is_expecting or any(block.holds(place) for block in self.expecting_blocks)

    def is_read_only(self, module: str) -> bool:
        """Whether a top-level module's functions do not change the dicts and lists passed to them."""
        return module in LAUNCH_LIBRARIES

    def exports(self, module: str) -> Names[str] | None:
        """The names that ``from module import *`` binds in any version of the SDK, and none for other libraries.

        None for other modules.
        """
        top = module.partition(".")[0]
        others = () if top in LIBRARIES or top in sys.stdlib_module_names else None
        return signatures.EXPORTS.get(module, others)

    def call(self, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """The result of calling an imported name; None if the model does not know it."""
        result = self._loaded_or_launched(name, arguments, callee, span)
        if result is not None:
            return result
        last = name.rpartition(".")[2]
        if last == CREATE:
            return self._create(arguments, callee, span)
        self._note_command(name, arguments, callee)
        is_of_package = name.partition(".")[0] in PACKAGES
        if is_of_package and not _makes_tuner(name):
            self._record_trained(arguments)
        is_mocked = name in MOCKS and "wraps" not in arguments.keywords
        if self._launch_from_carrier(name, arguments, callee) or is_mocked:
            return Instance(name, arguments, callee)
        if is_of_package:
            self._observe_training_step(name, arguments, callee)
            return self._made_by_package(name, arguments, callee, span)
        self._record_handed(last, arguments.keywords.get("tuner"))
        if name in refused_parts.ARRAYS:
            self._arrays.add(span)
        return None

    def _note_command(self, name: str, arguments: Arguments, callee: Span) -> None:
        """Note a call that runs a command, and whether the command starts a job."""
        if name in carriers.COMMANDS and carriers.is_known(arguments):
            self.examined.add(callee)
            if not self.turned_off_depth and carriers.starts_unread_job(arguments):
                self.commands.setdefault(callee)

    def _made_by_package(self, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """The result of calling a name of the SDK or boto3; None if it is unknown."""
        if _makes_tuner(name):
            tuner = objects.make_object(name, arguments, callee)
            self._site_of(tuner).tuner = tuner
            return tuner
        if name.endswith(f".{CORE_JOB}.create"):
            site = self._record_request(callee, name, "python-sdk", create_request(arguments, callee))
            site.callees |= callees_of_request(arguments, callee)
            return unknown(is_a("the job that was created"), span)
        if name.endswith(f".{ANALYTICS}"):
            self._note_unknown_arguments(ANALYTICS, arguments, signatures.ANALYTICS_KEYWORDS)
        address = self._csv_files.address_by_uploader(name, arguments, span)
        if address is not None:
            return address
        image = looked_up_address(name, arguments, span)
        if image is not None:
            refused = [] if self.expecting_depth else refused_lookup(name, arguments, callee)
            self._lookups.setdefault(span, []).append(refused)
            return image
        return _made_object(name, arguments, callee, span)

    def _site_of(self, tuner: Instance) -> Launches:
        """The launches of the call that makes a tuner."""
        return self.sites.setdefault(tuner.site, Launches("python-sdk"))

    def _loaded_or_launched(self, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """The content of a data file, a parser, or the result of a tuner's method that is called by its class.

        None for any other call.
        """
        made = command_options.call(name, arguments, callee)
        if made is not None:
            return made
        cls, _, last = name.rpartition(".")
        if cls.endswith(f".{TUNER}"):
            if last == tuner_use.ATTACH:
                self._note_read(tuner_use.missing_in_class(cls, last), callee)
                self._note_unknown_arguments("attach()", arguments, frozenset(signatures.ATTACH))
                for place, observed in refused_parts.refused_session(arguments, callee):
                    self._note_read(observed, place)
                return Instance(name, arguments, callee)
            if last in LAUNCHING and arguments.positional:
                tuner, *rest = arguments.positional
                return self.method(tuner, last, replace(arguments, positional=rest), callee, span)
        return None if self._files is None else self._files.call(name, arguments, span)

    def _note_unknown_arguments(self, owner: str, arguments: Arguments, known: frozenset[str]) -> None:
        """Note the keywords that a function of the SDK does not take."""
        for place, observed in refused_calls.not_taken(owner, arguments, known):
            self._note_read(observed, place)

    def _record_handed(self, cls: str, tuner: Value | None) -> None:
        """Record the request of a tuner that a step takes by keyword, which launches it if no other call does."""
        if not cls.endswith(STEP_CLASS_ENDINGS) or not is_tuner(tuner) or self.turned_off_depth:
            return
        if not is_mock(estimator_of(tuner)):
            site = self._site_of(tuner)
            site.handed.append(self._build(site, model_of(tuner), None))
            site.step_class = cls

    def instantiated(self, cls: UserClass, arguments: Arguments, place: Span) -> None:
        """Record the request of a tuner or dict that a step of the source's own is given."""
        self._record_handed(cls.name, arguments.keywords.get("tuner"))
        if self._written is not None:
            self._written.instantiated(cls, arguments, place, is_off=self.turned_off_depth > 0)

    def handed(self, function: Value, arguments: Arguments, site: CallSite) -> None:
        """Record the requests in dicts that a call gets, and note that the call may take time."""
        if not site.only_shows:
            self._order.called(function)
            if self._csv_files.may_change(function):
                is_certain = self._is_certain and not self.uncalled_depth and not self.skipped_functions
                self._csv_files.called(function, arguments, is_certain=is_certain)
        if isinstance(function, Symbol) and function.name.startswith("sagemaker."):
            for tuner, method in tuner_use.methods_in(function, arguments):
                self._observe_at(tuner, method.span, MethodNotCalled(method.name, f"{method.name}()"))
        self._note_read(pipeline_variables.in_call(function, arguments), site.span)
        if self._written is not None and self._written.handed(
            function, arguments, site, is_off=self.turned_off_depth > 0
        ):
            self.examined.add(site.callee)

    def result_known(self, function: Value, arguments: Arguments, result: Value) -> None:
        """Note the text of a dict."""
        if self._written is not None:
            self._written.dumped(function, arguments, result)

    def returned(self, value: Value, function: str) -> None:
        """Record the requests in dicts that a function returns which the source never calls."""
        if self._written is not None:
            self._written.returned(value, function, is_off=self.turned_off_depth > 0)

    def shown(self, values: Names[Value]) -> None:
        """Note the dicts that are only looked at."""
        if self._written is not None:
            self._written.shown(values)

    def formatted(self, value: Value, span: Span) -> None:
        """Note a pipeline's variable in an f-string."""
        name = pipeline_variables.name_of(value)
        if name is not None:
            self._note_read(PipelineVariableRead(name, "f-string", True), span)

    def combined(self, operands: Names[Value], operator: ast.operator | ast.cmpop, span: Span) -> None:
        """Note an operator on a pipeline's variable."""
        self._note_read(pipeline_variables.in_operation(operands, operator), span)

    def keyed(self, mapping: Mapping, key: Value, span: Span) -> None:
        """Note a pipeline's variable that is a key of a dict."""
        name = pipeline_variables.name_of(key)
        if name is not None:
            self._variables_as_keys.setdefault(mapping.span, []).append((span, name))

    def attribute_read(self, receiver: Value, name: str, span: Span) -> None:
        """Note an attribute that a tuner does not have, and one that needs the model of its best training job."""
        missing = tuner_use.missing(receiver, name)
        if missing is not None:
            self._observe_at(missing[0], span, missing[1])
        if name in tuner_use.USES_OF_MODEL and isinstance(receiver, Unknown):
            tuner = self._best_estimators.get(receiver.span)
            if tuner is not None:
                self._observe_at(tuner, span, BestModelUsed())

    def _observe_at(self, tuner: Instance, span: Span, observed: Observed) -> None:
        """Observe what is wrong with the use of a tuner, where the error is certain."""
        if self._is_certain and not is_mock(estimator_of(tuner)):
            self._site_of(tuner).observe((), span, observed)

    @property
    def _is_certain(self) -> bool:
        """Whether the current statement runs where its function is called, and nothing expects its error."""
        is_kept_away = self.turned_off_depth or self.guarded_depth
        return not is_kept_away and not any(step.is_doubtful for step in self.trail.steps)

    def _note_read(self, observed: Observed | None, span: Span) -> None:
        """Note what reads a pipeline's variable, or another fault of the program, if the error is certain."""
        if observed is not None and self._is_certain:
            self._faults.setdefault(span, observed)

    def paused(self) -> None:
        """Note that a job may have ended since."""
        self._order.called(None)

    def patched(self, name: str, span: Span) -> None:
        """Note that a member of an imported class is replaced: what its objects send is no longer known."""
        package, *middle, _ = name.split(".")
        if package in (*PACKAGES, "botocore") and any(part[:1].isupper() for part in middle):
            self._changed = unknown(f"may be changed, since line {line_text(span)} replaces `{name}`", span)

    def passed(self, method: Method, arguments: Arguments, callee: Span) -> None:
        """Launch what a method that is passed to a call launches, such as the target of a thread."""
        span = method.span
        if method.name in LAUNCHING and is_tuner(method.receiver):
            self._launch(method.receiver, Arguments(open=unknown("is passed by another call", callee)), at=callee)
        elif method.name == CREATE and arguments.keywords.keys() & schema.members(schema.REQUEST).keys():
            self._create(replace(arguments, positional=[], spread=[]), span, span)
        else:
            return
        self.examined.add(span)

    def extends(self, name: str) -> bool:
        """Whether a class is the SDK's tuner, so that the source's subclass counts as one."""
        return name.partition(".")[0] in PACKAGES and name.endswith(f".{TUNER}")

    def _record_trained(self, arguments: Arguments) -> None:
        """Record estimators that are passed to other calls than a tuner's: a training step, Airflow's configuration."""
        for value in arguments.values():
            if is_foreign(value) and not is_tuner(value):
                self._trained |= Estimator(value).used_alone()

    def method(self, receiver: Value, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """The result of a method call; None if the model does not know it."""
        if name == CREATE and is_own(receiver):  # which may change it
            return unknown(ANSWER, span)
        sent = carriers.sent_by_name(name, arguments, callee)
        if name == CREATE or sent is not None:
            return self._create(sent or arguments, callee, span, client=receiver)
        if name in carriers.ORDERING:
            return Constant(None, span)
        if name in REGISTERING and carriers.is_event_of_requests(arguments):
            handler = f"the handler that `{name}()` at line {line_text(span)} adds"
            self._changed = unknown(f"may be changed by {handler}", span)
        elif isinstance(receiver, Either):
            self._candidate_method(receiver, name, arguments, span)
        elif command_options.is_parser(receiver):
            return command_options.method(receiver, name, arguments, span)
        elif is_foreign(receiver):
            return self._object_method(receiver, name, arguments, callee, span)
        return None

    def _object_method(
        self, receiver: Instance, name: str, arguments: Arguments, callee: Span, span: Span
    ) -> Value | None:
        """The result of a method of an object of a library; None if it is unknown."""
        if receiver.cls.endswith(f".{TUNER}.attach") and name in LAUNCHING:
            self.unread.add(callee)  # the settings are those of an earlier job
            return returned_by("fit", span)
        self.item_used(receiver, span)
        if name == pipeline_steps.TOP_MODEL and not self.turned_off_depth:
            self._top_models.asked(receiver, arguments, span)
        if is_tuner(receiver):
            return self._tuner_method(receiver, name, arguments, span)
        address = self._csv_files.address_by_session(receiver, name, arguments, span)
        if address is not None:
            return address
        return chained_call(receiver, name) or self._estimator_method(receiver, name, arguments, span)

    def _estimator_method(self, receiver: Instance, name: str, arguments: Arguments, span: Span) -> Value | None:
        """The result of a method of an estimator, a trainer or a shape; None if it is unknown."""
        if name == "fit":
            self._trained |= Estimator(receiver).used_alone()
        elif name == "set_hyperparameters" and objects.HYPERPARAMETERS in receiver.attributes:
            objects.set_hyperparameters(receiver, arguments, span)
            return Constant(None, span)
        elif name == "hyperparameters" and not Estimator(receiver).is_framework:
            return receiver.attributes.get(objects.HYPERPARAMETERS)
        elif name in COPYING:
            return aliases([receiver], returned_by(name, span))
        elif name == "update_environment_variables":
            receiver.attributes["environment"] = unknown(f"may be changed by `{name}()`", span)
        return None

    def _candidate_method(self, receiver: Either, name: str, arguments: Arguments, span: Span) -> None:
        """Apply a method to one of several possible objects: each of them may be affected."""
        branch = self.trail.next_number()
        for index, candidate in enumerate(receiver.candidates, 1):
            if name in LAUNCHING and is_tuner(candidate):
                with self.trail.within(self.trail.step(Turn.SIDE, span, branch, index)):
                    self._tuner_method(candidate, name, arguments, span)
            elif not isinstance(candidate, Instance) or name.startswith(CHANGING_PREFIXES):
                forget(candidate, unknown(f"may be changed by `{name}()`", span))

    def _launch_from_carrier(self, name: str, arguments: Arguments, callee: Span) -> bool:
        """Launch the request of a call other than ``fit`` and boto3; False if the call launches nothing."""
        if carriers.is_operator(name):
            request = carriers.operators_request(BoundArguments(arguments, ("config",)).get("config"), callee)
            self.examined.add(callee)
            if request is not None:
                self._record_request(callee, name, "airflow", request)
        elif carriers.is_helper(name):
            tuner, launch = carriers.helpers_launch(arguments)
            exported = self._launch(tuner, launch, exported=HELPER_GAPS, at=callee)
            if exported is not None:
                resolved = resolved_struct(exported)  # Airflow renders every string as a template
                exported.members, exported.open = resolved.members, resolved.open
                self._exports.setdefault(callee, []).append(exported)
        elif carriers.is_state(name):
            tuner, launch, parameters = carriers.states_launch(arguments)
            self._launch(tuner, launch, exported=STATE_GAPS, parameters=parameters, at=callee)
        elif carriers.is_pipeline_step(name):
            tuner, launch = carriers.pipelines_launch(arguments)
            request = self._launch(tuner, launch, at=callee)
            if name.startswith("sagemaker.workflow."):
                self._observe_cache(arguments, tuner)
            if request is not None and isinstance(tuner, Instance):
                request.members[NAME] = unknown(NAME_IN_PIPELINE, callee)
                self._steps.append((request, tuner, launch))
                self._top_models.launched(callee, tuner, request)
            self._top_models.step_made(callee, arguments)
        else:
            return False
        return True

    def _observe_training_step(self, name: str, arguments: Arguments, callee: Span) -> None:
        """Observe a pipeline's step that trains an estimator and gets a tuner."""
        given = pipeline_steps.tuner_in_training_step(name, arguments, self._launched_for_steps)
        if given is not None:
            tuner, argument, observed = given
            self._observe_at(tuner, arguments.places.get(argument, callee), observed)

    def _observe_cache(self, arguments: Arguments, tuner: Value | None) -> None:
        """Observe a step with a cache, of a tuner that it gets, or that was launched for it."""
        place = arguments.places.get("cache_config")
        if place is None or not carriers.is_cached(arguments):
            return
        launched = arguments.keywords.get("step_args") or arguments.at(1)
        if isinstance(launched, Unknown):
            tuner = self._launched_for_steps.get(launched.span)
        if is_tuner(tuner) and tuner.escaped is None:
            for estimator in model_of(tuner).scripted_estimators():
                self._site_of(tuner).observe((), place, StepCacheMissed(estimator.class_name))

    def _launch(
        self,
        tuner: Value | None,
        launch: Arguments,
        *,
        at: Span,
        exported: Gaps | None = None,
        parameters: Value | None = None,
        by_method: bool = False,
    ) -> Struct | None:
        """Launch a tuner by ``fit``, or ``exported`` without some members. Return its request; None if not a tuner.

        ``by_method``: the tuner's own method launches it.
        """
        if not is_tuner(tuner) or is_mock(estimator_of(tuner)):
            return None
        site = self._site_of(tuner)
        model = model_of(tuner) if exported is None else ExportedTuner(tuner)
        site.gaps = exported or site.gaps
        if by_method and tuner.escaped is None:
            model.observe_launch(launch)
        request = merged(self._build(site, model, launch), parameters)
        if tuner.escaped is None and not is_version_3(tuner):
            self._observe_variables(site, model)
            if by_method:
                self._observe_sent_variables(site, model, launch, request)
        site.calls.append(at)
        site.accounts |= _accounts_of(tuner)
        self._add_request(site, request, at)
        return request

    def _observe_variables(self, site: Launches, model: Tuner) -> None:
        """Observe a pipeline's variables that are names of hyperparameters."""
        estimators = [estimator for estimator in model.estimators() if is_foreign(estimator)]
        for estimator in estimators:
            values = Estimator(estimator).hyperparameters()
            keys = self._variables_as_keys.get(values.span, []) if isinstance(values, Mapping) else []
            for place, name in keys:
                site.observe((), place, PipelineVariableRead(name, "name", False))

    def _observe_sent_variables(self, site: Launches, model: Tuner, launch: Arguments, request: Struct) -> None:
        """Observe a pipeline's variables in a request that is sent at once."""
        if not refused_calls.have_plain_sessions(model.estimators()):
            return
        values = nested([model.instance, *launch.values()], pipeline_variables.below, MAX_NESTING + 2)
        for place, observed in pipeline_variables.sent(values, request):
            site.observe((), place, observed)

    def _add_request(self, site: Launches, request: Struct, at: Span) -> None:
        """Add a request that a call sends, or would send if the branch were not turned off."""
        site.is_guarded |= self.guarded_depth > 0
        site.is_expecting |= self.expecting_depth > 0
        sendings = site.disabled if self.turned_off_depth else site.launched
        sendings.append(Sending(request, self.trail.steps, at, is_uncalled=self.uncalled_depth > 0))

    def attribute(self, instance: Instance, name: str) -> Value | None:
        """An SDK object's attribute that its arguments define; None for others."""
        if name in LAUNCHING and instance.escaped is not None and instance.site in self.sites:
            self.sites[instance.site].handed.clear()  # it is launched here, not by the step that received it
        return objects.attribute(instance, name)

    def assigned(self, instance: Instance, value: Value) -> Value:
        """The value that an SDK object stores when it is assigned to an attribute."""
        return objects.pydantic_copy(value) if instance.cls.startswith(objects.PYDANTIC) else value

    def is_copied(self, instance: Instance) -> bool:
        """Whether a shallow copy has its own attributes; copies of pydantic models share them."""
        return not instance.cls.startswith(objects.PYDANTIC)

    def item_used(self, value: Value, span: Span, index: Value | None = None) -> None:  # noqa: ARG002
        """Mark an exported request as possibly changed, since one of its items or methods is used."""
        if carriers.is_exported(value):
            value.escaped = unknown("may be changed item by item", span)

    def undefined_name_read(self, name: str, span: Span) -> None:  # noqa: ARG002
        """Record the read of a name that is not bound."""
        self.unbound_reads.add(name)

    def not_imported(self, name: str) -> str | None:
        """The full name of a pipeline's step that is used without an import: it would get the tuner as it is."""
        return PIPELINE_STEP if PIPELINE_STEP.endswith(f".{name}") else None

    def scope_ends(self, values: list[Value]) -> None:
        """Record the requests of tuners and dicts at the end of their scope, for those that are never launched."""
        if self._written is not None and not self.turned_off_depth:
            self._written.scope_ends(values)
        if self.sites:
            for instance in instances(values, MAX_NESTING):
                self._ends_with(instance)

    def _ends_with(self, instance: Instance) -> None:
        """Record the request of a tuner, or forget an exported one that may have been changed."""
        launches = self.sites.get(instance.site)
        if is_tuner(instance) and launches is not None and not is_mock(estimator_of(instance)):
            requests = launches.disabled_unlaunched if self.turned_off_depth else launches.unlaunched
            requests.append(self._build(launches, model_of(instance), None))
        elif carriers.is_exported(instance) and instance.escaped is not None:
            for request in self._exports.get(instance.span, []):
                request.members, request.open = {}, instance.escaped

    def _build(self, launches: Launches, model: Tuner, arguments: Arguments | None) -> Struct:
        """A tuner's request. Its observations are recorded once for each span."""
        request = model.request(arguments)
        for observation in model.observations:
            launches.observations[observation.kind, observation.span] = observation
        self._observe_lookups(launches, request)
        for place, observed in refused_parts.arrays_as_categories(model.ranges(), self._arrays):
            array = Observation((), place, observed)
            launches.observations[array.kind, place] = array
        launches.generation = generation_of(model.instance)
        launches.callees |= callees_of_tuner(model, launches.generation)
        for path, code in model.codes().items():
            if launches.codes.setdefault(path, code) != code:
                differs = unknown("differs between the launches of the tuner", model.span)
                launches.codes[path] = Code(by_toolkit=code.by_toolkit, unknown=differs)
        return request

    def _observe_lookups(self, launches: Launches, request: Struct) -> None:
        """Observe the calls that look up the images of a request and raise an error, with whatever they are given."""
        for image in _images_of(request):
            lookups = self._lookups.get(image.span, [])
            if len(set(map(len, lookups))) != 1:
                continue
            for same in zip(*lookups, strict=True):
                places = {place for place, _ in same}
                refusals = [refused for _, refused in same]
                if refusals.count(refusals[0]) == len(refusals):
                    observation = Observation((), min(places), refusals[0])
                    launches.observations[observation.kind, observation.span] = observation

    def _tuner_method(self, tuner: Instance, name: str, arguments: Arguments, span: Span) -> Value | None:
        if name in LAUNCHING:
            request = self._launch(tuner, arguments, at=span, by_method=name == tuner_use.launching_method(tuner))
            self._note_launch(tuner, arguments, request, span)
            if request is not None and carriers.in_pipeline(estimator_of(tuner)):
                self._launched_for_steps[span] = tuner
                self._top_models.launched(span, tuner, request)
                request.members[NAME] = unknown(NAME_IN_PIPELINE, tuner.span)
            return returned_by("fit", span)
        if name == "override_resource_config":
            configs = arguments.keywords.get("instance_configs") or arguments.at(0)
            tuner.attributes[INSTANCE_CONFIGS] = configs or arguments.open or Constant(None, span)
            return Constant(None, span)
        if name not in DERIVING:
            self._note_use(tuner, name, arguments, span)
            return None
        if is_version_3(tuner):  # sagemaker-train 1.0 and 1.27.0 raise an error for any arguments
            return unknown(is_a(f"what `{name}()` returns, which raises an error in version 3 of the SDK"), span)
        return self._derived(tuner, name, arguments, span)

    def _note_launch(self, tuner: Instance, arguments: Arguments, request: Struct | None, span: Span) -> None:
        """Note a launch by the tuner's own method, and the name that it shares with another one."""
        is_sent = self._is_certain and not self.uncalled_depth
        base = _base_of(tuner, request) if is_sent else None
        name = None if base is None else (base, _sessions_of(tuner), span.line // STRIDE)
        if self._order.launched(tuner, arguments, span, self.trail.steps, name):
            self._site_of(tuner).observe((NAME,), span, SameNameInAMinute(str(base)))

    def _note_use(self, tuner: Instance, name: str, arguments: Arguments, span: Span) -> None:
        """Note a call of another method of a tuner."""
        if not is_version_3(tuner):  # which has neither of the two
            if name == "deploy":
                self._observe_at(tuner, span, BestModelUsed())
            elif name == "best_estimator":
                self._best_estimators[span] = tuner
        by_name = tuner_use.by_name(tuner, name, arguments)
        if by_name is not None:
            self._observe_at(tuner, span, by_name)
        elif not tuner_use.names_job(name, arguments):
            self._note_question(tuner, name, span)

    def _note_question(self, tuner: Instance, name: str, span: Span) -> None:
        """Note a call of a tuner's method that may need its job, where the call is certain to be made as it stands."""
        is_guarded = self.turned_off_depth or self.uncalled_depth or self.guarded_depth or self.skipped_functions
        is_doubtful = any(step.is_doubtful for step in self.trail.steps)
        if not is_guarded and not is_doubtful and not is_mock(estimator_of(tuner)):
            site = self._site_of(tuner)
            is_launched = bool(site.calls or site.handed)
            self._order.asked(tuner, name, span, self.trail.steps, is_launched=is_launched)

    def _derived(self, tuner: Instance, method: str, arguments: Arguments, span: Span) -> Instance:
        """A new tuner with the settings of another, warm-started from its job, whose name is unknown.

        Source: ``HyperparameterTuner._create_warm_start_tuner``, which is the same in sagemaker 2.161.0 and 2.257.7.
        """
        original = model_of(tuner)
        metrics = original.bound.value("metric_definitions")
        derived = twin(tuner)
        derived.span = span
        derived.attributes.pop("warm_start_config", None)
        for argument in NOT_COPIED:
            derived.attributes[argument] = Constant(None, span)
        if not tuner.cls.endswith(".create"):
            derived.attributes["metric_definitions"] = Constant(None, span)
            if refused_calls.is_given(metrics) or LOST_METRICS in tuner.attributes:
                derived.attributes[LOST_METRICS] = Constant(method, span)
        derived.attributes[DERIVED] = Constant(DERIVING[method], span)
        derived.attributes[DERIVED_BY] = Constant(method, span)
        derived.attributes[SETTINGS_PLACE] = Constant(None, original.settings_span)
        names = signatures.of_tuners_method(method)
        _replace_estimator(derived, BoundArguments(arguments, names).value("estimator"))
        site = self._site_of(derived)
        for place, refused in refused_calls.not_taken(f"{method}()", arguments, frozenset(names)):
            observation = Observation((), place, refused)
            site.observations[observation.kind, place] = observation
        return derived

    def _create(self, arguments: Arguments, callee: Span, span: Span, client: Value | None = None) -> Unknown:
        """Record the request of boto3's call: its keywords, unless they are an exported tuner's. Return its result."""
        # Boto3 rejects all keywords of another method of the same name.
        is_other = arguments.keywords and not arguments.keywords.keys() & schema.members(schema.REQUEST).keys()
        if is_other or any(carriers.is_exported(value) for value in arguments.spread):
            self.examined.add(callee)
            return unknown(ANSWER, span)
        request = Struct({}, callee, callee, open=arguments.open)
        for name, value in arguments.keywords.items():
            place = arguments.places.get(name, callee)
            node = to_node(value, callee)
            if isinstance(node, Struct | Array):
                node.anchor = place
            add_member(request, name, node, place)
        if not has_values(request) and self._is_read_already(arguments):
            self.examined.add(callee)
        else:
            self._record_request(callee, CREATE, "boto3", request).accounts.add(identity_of(client))
        return unknown(ANSWER, span)

    def _is_read_already(self, arguments: Arguments) -> bool:
        """Whether this is a callback of the call that gets the dict, where it is read."""
        if self._written is None:
            return False
        places = [step.place for step in self.trail.steps if step.turn is Turn.PERHAPS]
        return self._written.holds(arguments.spread, places)

    def _record_request(self, callee: Span, name: str, form: str, request: Struct) -> Launches:
        """Record a request that is sent without a tuner, except an uncalled wrapper's without values of its own."""
        if self.uncalled_depth and not has_values(request):
            return Launches(form)
        site = self.sites.setdefault((callee, name), Launches(form))
        self._observe_lookups(site, request)
        self._add_request(site, request, callee)
        return site


def _observed_names(launches: Launches, common: Folded) -> Iterator[Observation]:
    """What is wrong with the name that all launches send."""
    name = common.request.get(NAME)
    if isinstance(name, Scalar):
        is_repeatable = launches.is_guarded or len(launches.accounts) > 1
        fixed = fixed_name(name.value, common.launches, is_repeatable=is_repeatable)
        if fixed is not None:
            yield Observation((NAME,), name.span, fixed)
    too_long = long_name(name)
    if too_long is not None:
        yield Observation((NAME,), too_long[0], too_long[1])


def _base_of(tuner: Instance, request: Struct | None) -> str | None:
    """The base to which the SDK adds the time, for the name of a request of version 2; None if it is not known."""
    name = None if request is None else request.get(NAME)
    if not isinstance(name, Unknown) or name.kind is not Kind.GENERATED_NAME or is_version_3(tuner):
        return None
    return name.pieces[0].rstrip("-") if name.pieces and name.pieces[0] is not None else None


def _accounts_of(tuner: Instance) -> set[Hashable]:
    """What tells apart the sessions of a tuner's estimators."""
    estimators = [estimator for estimator in model_of(tuner).estimators() if isinstance(estimator, Instance)]
    return {identity_of(arguments_of(estimator).get("sagemaker_session")) for estimator in estimators}


def _sessions_of(tuner: Instance) -> tuple[Instance, ...]:
    """The sessions of a tuner's estimators: another session may be of another region."""
    estimators = [estimator for estimator in model_of(tuner).estimators() if isinstance(estimator, Instance)]
    sessions = [arguments_of(estimator).get("sagemaker_session") for estimator in estimators]
    return tuple(session for session in sessions if isinstance(session, Instance))


def _images_of(request: Struct) -> list[Unknown]:
    """The images of a request's definitions that are not known."""
    definitions = [request.get("TrainingJobDefinition")]
    several = request.get("TrainingJobDefinitions")
    if isinstance(several, Array):
        definitions += several.items
    images = [follow(definition, ("AlgorithmSpecification", "TrainingImage")) for definition in definitions]
    return [image for image in images if isinstance(image, Unknown)]


def _replace_estimator(tuner: Instance, estimator: Value | None) -> None:
    """Give a derived tuner the estimator that the call passes, if it passes one."""
    if estimator is None:
        return
    if not tuner.cls.endswith(".create"):
        tuner.attributes["estimator"] = estimator
        return
    estimators = arguments_of(tuner, signatures.TUNER_CREATE).value("estimator_dict")
    if isinstance(estimators, Mapping) and len(estimators.entries) == 1 and estimators.open is None:
        (name,) = estimators.entries
        tuner.attributes["estimator_dict"] = Mapping({name: estimator}, estimators.span, dict(estimators.keys))
    else:
        tuner.attributes["estimator_dict"] = unknown("is replaced in a derived tuner", tuner.span)


def _made_object(name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
    """The result of an SDK function or class that does not launch anything; None if it is unknown."""
    if name.endswith("hyperparameters.retrieve_default"):
        return Mapping({}, span, open=unknown(is_a("a default that the SDK looks up"), span))
    cls = name.rpartition(".")[2]
    is_class = cls[:1].isupper() or (cls == OLD_TRAINING_INPUT and name.startswith("sagemaker."))
    if name.startswith("boto3.") or not is_class:
        return None
    return objects.make_object(name, arguments, callee)


def _makes_tuner(name: str) -> bool:
    return name.endswith((f"{TUNER}.create", f".{TUNER}"))
