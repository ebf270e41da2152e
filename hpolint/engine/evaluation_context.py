"""The evaluation context of a tuning job: its subjects as plain values, null for absent and not bound for unknown.

For each value that is not bound, the Unknown is kept, so that an undecided rule can report the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from typing import Any

import msgspec

from hpolint import schema
from hpolint.cel.type_checks import Key
from hpolint.engine.cel_values import MISSING, UnknownValues, bind, cel_value
from hpolint.engine.surroundings import Surroundings
from hpolint.facts.algorithm import algorithm_facts, known_algorithm
from hpolint.facts.algorithm_data import Algorithm, Tunable
from hpolint.facts.argument import argument_correction, argument_facts, argument_sites
from hpolint.facts.budget import budget_facts, instance_hours, written_hours
from hpolint.facts.channel_data import Pairs
from hpolint.facts.combination import NO_COMBINATION, CombinationFacts, combination_facts, combination_sites
from hpolint.facts.compute import ComputeFacts, compute_facts
from hpolint.facts.definition_paths import definitions_of
from hpolint.facts.earlier_run import earlier_facts
from hpolint.facts.environment_variables import environment_variables
from hpolint.facts.hyperparameters import HyperparameterFacts, Hyperparameters, hyperparameters_facts
from hpolint.facts.input_channels import input_facts, inputs_facts
from hpolint.facts.metric import exponent_prints, metric_facts, metric_paths
from hpolint.facts.objective import objective_facts
from hpolint.facts.output import output_facts
from hpolint.facts.parameter_role import role
from hpolint.facts.range import range_facts
from hpolint.facts.receiver import receiver_facts, receiver_sites
from hpolint.facts.refused import without_refused
from hpolint.facts.script import correction_of, script_facts, script_of, script_sites
from hpolint.facts.space import RangeSet, TunedParameter, range_sets, space_facts
from hpolint.facts.switched_off import NO_SWITCH, switch_facts, switch_sites
from hpolint.facts.typed_values import missing, unusable
from hpolint.facts.warm_start import parent_facts
from hpolint.facts.worst_case_cost import cost_facts
from hpolint.model.fix import Correction
from hpolint.model.job import Observation, TuningJob
from hpolint.model.node import (
    Array,
    Node,
    Origin,
    Path,
    Scalar,
    Struct,
    Unknown,
    follow,
    is_text,
    path_text,
    place,
    walk,
)
from hpolint.model.observations import SameInput, SpotTurnedDown, kind_of
from hpolint.model.reasons import Kind
from hpolint.model.source import Span
from hpolint.model.training_script import Script, ScriptOutput, Site
from hpolint.registry.vocabulary import OF_ONE_DEFINITION, RANGE_MEMBERS, RANGE_SHAPES

SPOT_TURNED_DOWN = kind_of(SpotTurnedDown)


class Subject(msgspec.Struct, eq=False):
    """What a rule is evaluated on: the values of the names, their unknown values, and the path of the scope's node."""

    request: Struct
    root: Path
    values: dict[str, Any]
    unknowns: UnknownValues
    call: Span
    """The anchor of the call or structure that contains the subject."""
    names: tuple[str, ...] = ()
    """The names of the subject in messages, if any."""
    span: Span | None = None
    """The place of the subject if it is not its node's, such as an observation's."""
    sites: Callable[[str], list[tuple[Site, str]]] = lambda _: []
    """Places in the training script with their labels, for a name that a rule uses in ``beside``."""
    correction: Callable[[str], Correction] = lambda _: Correction()
    """What corrects the training script, or what is said about it, for a name that a rule's fix uses in ``script``."""

    def causes(self, reads: Iterable[Key]) -> list[Unknown]:
        """The unknown values among the paths that an expression reads."""
        found: dict[Unknown, None] = {}
        for key in sorted(reads):
            for unknown in _unknowns_at(self.unknowns, key):
                found[unknown] = None
        return list(found)


class EvaluationContext:
    """The subjects of one job."""

    def __init__(self, job: TuningJob, surroundings: Surroundings | None = None) -> None:
        self._job = job
        self._surroundings = surroundings or Surroundings()
        request = self._request = without_refused(job.request)
        self._values: dict[str, Any] = {}
        self._unknowns: UnknownValues = {}
        self._trainings: dict[Path, Subject] = {}
        self._combinations: dict[Path, dict[str, CombinationFacts]] = {}
        self._bound_definition: Path | None = None
        """The only definition, whose facts the whole job has, too."""
        self._subjects: dict[tuple[str, str | None], list[Subject]] = {}
        self._by_root: dict[tuple[str, str | None], dict[Path, Subject]] = {}
        self.definitions, self._more = definitions_of(request)
        sets = self._sets = range_sets(request, self.definitions)
        self._scripts = {path: script_of(request, path, job.codes, job.scripts) for path in self.definitions}
        self.parameters = [range_ for each in sets for range_ in each.ranges]
        self.open_ranges = [each.open for each in sets if each.open is not None]
        self._bind_request(request)
        self._bind_job_facts(request, sets)

    def subjects(self, scope: str, observes: str | None = None) -> list[Subject]:
        """The subjects of a scope; for observations, those of the kind ``observes``."""
        key = (scope, observes)
        if key not in self._subjects:
            self._subjects[key] = self._create_subjects(scope, observes)
        return self._subjects[key]

    def _create_subjects(self, scope: str, observes: str | None) -> list[Subject]:
        match scope:
            case "job":
                return [self._whole_job]
            case "training":
                return [self._training(path) for path in self.definitions]
            case "parameter":
                return [self._parameter(parameter) for parameter in self.parameters]
            case "hyperparameter":
                return [subject for path in self.definitions for subject in self._hyperparameters(path)]
            case "channel":
                return [subject for path in self.definitions for subject in self._channels(path)]
            case "metric":
                return [subject for path in self.definitions for subject in self._metrics(path)]
            case "observation":
                return [self._observation(each) for each in self._job.observations if each.kind == observes]
        return []

    def by_root(self, scope: str, observes: str | None) -> dict[Path, Subject]:
        """The subjects of a scope by the paths of their nodes."""
        key = (scope, observes)
        if key not in self._by_root:
            self._by_root[key] = {each.root: each for each in self.subjects(scope, observes)}
        return self._by_root[key]

    @cached_property
    def _whole_job(self) -> Subject:
        values = {**self._values, "defaulted": self._defaulted(())}
        subject = Subject(self._job.request, (), values, self._unknowns, self._request.anchor, self._names)
        if len(self.definitions) == 1:
            subject.sites = self._sites(self.definitions[0])
        return subject

    @property
    def _names(self) -> tuple[str, ...]:
        name = self._job.variable or self._job.name
        return () if name is None else (_cel_text(name),)

    def _call(self, path: Path) -> Span:
        """The place of the nearest written structure around a path."""
        return place(self._request, path)[0]

    def unknown_subjects(self, scope: str) -> tuple[Unknown, ...]:
        """Open lists of ranges, definitions or channels, because of which a scope may have further subjects."""
        if scope in ("parameter", "hyperparameter"):
            return tuple(dict.fromkeys(self.open_ranges))
        if scope == "metric":
            lists = [metric_paths(self._request, path)[1] for path in self.definitions] + [self._more]
            return tuple(dict.fromkeys(each for each in lists if each is not None))
        found = [self._more] if self._more is not None and scope in ("training", "channel") else []
        if scope == "channel":
            found += [more for path in self.definitions if (more := self._more_channels(path)) is not None]
        return tuple(dict.fromkeys(found))

    def _more_channels(self, definition: Path) -> Unknown | None:
        """Why a definition may have channels that cannot be seen; the SDK's own for the code is none of them."""
        node = follow(self._request, (*definition, "InputDataConfig"))
        more = node.open if isinstance(node, Array) else node
        return more if isinstance(more, Unknown) and more.kind is not Kind.CODE_CHANNEL else None

    def _bind_request(self, request: Struct) -> None:
        value, unknowns = cel_value(request, schema.REQUEST)
        self._bind("request", value, unknowns)
        config_unknowns = unknowns.get(schema.CONFIG, {})
        config = value.get(schema.CONFIG, MISSING)
        self._bind("config", config, config_unknowns)
        if isinstance(config, dict):
            limits_unknowns = config_unknowns.get("ResourceLimits", {})
            self._bind("limits", config.get("ResourceLimits", MISSING), limits_unknowns)
        else:
            self._bind("limits", MISSING, config_unknowns)
        path = self._job.source.name.encode("utf-8", "replace").decode()  # a file name may contain any bytes
        job: dict[str, Any] = {"form": self._job.form, "path": path, "launched": self._job.is_launched}
        job["repository"] = self._surroundings.repository_of(self._job.source.name)
        job["earlier_twin"], job["carried"] = self._job.earlier_twin, self._job.carrier is not None
        job_unknowns: UnknownValues = {}
        name = request.members.get("HyperParameterTuningJobName", request.open)
        bind(
            job, job_unknowns, "name", *((None, {}) if name is None else cel_value(name, "HyperParameterTuningJobName"))
        )
        count = environment_variables(request, self.definitions, self._more)
        known = (MISSING, count) if isinstance(count, Unknown) else (count, {})
        bind(job, job_unknowns, "environment_variables", *known)
        self._bind("job", job, job_unknowns)
        self._values["today"] = self._surroundings.day
        self._values["observed"] = sorted({each.kind for each in self._job.observations})

    def _bind_job_facts(self, request: Struct, sets: list[RangeSet]) -> None:
        computes: list[ComputeFacts] | Unknown = self._more or [
            compute_facts(request, path) for path in self.definitions
        ]
        sole = self.definitions[0] if len(self.definitions) == 1 else None
        name = algorithm_facts(request, sole).name if sole is not None else None
        space = space_facts(request, sets, self._more if self.definitions else None, name)
        self._budget = budget_facts(request, space, computes)
        self._bind_facts("space", space)
        self._bind_facts("budget", self._budget)
        known = computes if isinstance(computes, list) else [compute_facts(request, each) for each in self.definitions]
        counts = [each.instance_count for each in computes] if isinstance(computes, list) else computes
        self._bind_facts("earlier", earlier_facts(self._job.observations, self._budget.trials, counts))
        self._bind_facts("parent", parent_facts(request, self._job.parents))
        cost = cost_facts(request, self.definitions, self._more, self._budget, known)
        self._bind_facts("cost", msgspec.structs.replace(cost, usd=self._surroundings.usd_of(self._job)))
        if self._more is not None:
            self._bind("objective", MISSING, self._more)
        else:
            self._bind_facts("objective", objective_facts(request, sole, name))
        if self._more is not None and len(self.definitions) < 2:
            for name in OF_ONE_DEFINITION:
                self._bind(name, MISSING, self._more)
        elif sole is not None:
            self._bind_training(self._values, self._unknowns, sole)
            self._bound_definition = sole
        else:
            for name in OF_ONE_DEFINITION:
                self._bind(name, None, {})

    def _training(self, definition: Path) -> Subject:
        """The subject of one definition, cached because each of its parameters reuses its values."""
        if definition not in self._trainings:
            self._trainings[definition] = self._create_training(definition)
        return self._trainings[definition]

    def _create_training(self, definition: Path) -> Subject:
        values, unknowns = dict(self._values), dict(self._unknowns)
        if definition != self._bound_definition:
            self._bind_training(values, unknowns, definition)
            name = algorithm_facts(self._request, definition).name
            _bind_facts(values, unknowns, "objective", objective_facts(self._request, definition, name))
        values["defaulted"] = self._defaulted(definition)
        subject = Subject(self._job.request, definition, values, unknowns, self._call(definition), self._names)
        subject.sites = self._sites(definition)
        script = self._scripts.get(definition)
        if isinstance(script, Script):
            subject.correction = partial(correction_of, self._request, definition, script, self._sets)
        return subject

    def _sites(self, definition: Path) -> Callable[[str], list[tuple[Site, str]]]:
        """A look-up of places in a definition's training script; it finds none if the script is not known."""
        script = self._scripts.get(definition)
        if not isinstance(script, Script):
            return lambda _: []
        return partial(script_sites, self._request, definition, script, self._sets)

    def _bind_training(self, values: dict[str, Any], unknowns: UnknownValues, definition: Path) -> None:
        node = follow(self._request, definition)
        if node is not None:
            bind(values, unknowns, "training", *cel_value(node, schema.DEFINITION))
        compute = compute_facts(self._request, definition)
        hours = instance_hours(self._request, self._budget.trials, self._budget.parallel, compute)
        written = written_hours(self._request, self._budget.trials, self._budget.parallel, compute)
        turned_down = any(each.path == definition and each.kind == SPOT_TURNED_DOWN for each in self._job.observations)
        compute = msgspec.structs.replace(
            compute, instance_hours=hours, written_hours=written, spot_turned_down=turned_down
        )
        _bind_facts(values, unknowns, "compute", compute)
        _bind_facts(values, unknowns, "algorithm", algorithm_facts(self._request, definition))
        _bind_facts(values, unknowns, "inputs", inputs_facts(self._request, definition, self._same_inputs(definition)))
        _bind_facts(values, unknowns, "output", output_facts(self._request, definition))
        sent = hyperparameters_facts(self._request, definition, self._sets)
        _bind_facts(values, unknowns, "hyperparameters", sent)
        script = self._scripts.get(definition)
        _bind_facts(
            values,
            unknowns,
            "script",
            script_facts(self._request, definition, script, self._sets, self._job.codes.get(definition)),
        )

    def _same_inputs(self, definition: Path) -> Pairs:
        """The pairs of channels of a definition that a launch gives one value."""
        seen = [each.observed for each in self._job.observations if each.path == definition]
        return frozenset((each.first, each.second) for each in seen if isinstance(each, SameInput))

    def _parameter(self, parameter: TunedParameter) -> Subject:
        owner = parameter.definition
        if owner is not None:
            subject = self._training(owner)
            values, unknowns = dict(subject.values), dict(subject.unknowns)
        else:
            values, unknowns = dict(self._values), dict(self._unknowns)
        algorithm = self._algorithm(parameter)
        node = parameter.node
        value, below = cel_value(node, RANGE_SHAPES[parameter.kind])
        if isinstance(value, dict):
            value = {name: None for name in RANGE_MEMBERS if name not in below} | value
        bind(values, unknowns, "parameter", value, below)
        if isinstance(node, Struct):
            name = node.members.get("Name", node.open)
            recommended = self._recommended(parameter, name)
            _bind_facts(values, unknowns, "range", range_facts(parameter.kind, node, recommended))
            found = _role(name, node, algorithm)
        else:
            unknown = node if isinstance(node, Unknown) else unusable(node)
            bind(values, unknowns, "range", MISSING, unknown)
            found = unknown
        bind(values, unknowns, "role", *((MISSING, found) if isinstance(found, Unknown) else (found, {})))
        values["defaulted"] = self._defaulted(parameter.path)
        name = value.get("Name") if isinstance(value, dict) else None
        names = (name,) if isinstance(name, str) else ()
        script = self._script_of(owner)
        at = place(self._request, parameter.path)[0]
        name_fact: str | Unknown = name if isinstance(name, str) else _unknown_name(node, at)
        _bind_facts(values, unknowns, "argument", argument_facts(name_fact, parameter, script, at))
        subject = Subject(self._job.request, parameter.path, values, unknowns, self._call(parameter.path[:-2]), names)
        if isinstance(script, Script) and isinstance(name, str):
            subject.sites = partial(argument_sites, name, script.arguments)
        return subject

    def _script_of(self, definition: Path | None) -> Script | Unknown | None:
        """The script of a definition; without a definition, of the only one."""
        if definition is None and len(self.definitions) == 1:
            definition = self.definitions[0]
        return self._scripts.get(definition) if definition is not None else None

    def _hyperparameters(self, definition: Path) -> Iterator[Subject]:
        """The hyperparameters of a definition with a known name: first the tuned, then the static ones."""
        training = self._training(definition)
        hyperparameters = Hyperparameters(self._request, definition, self._sets)
        for parameter in self.parameters:
            if parameter.definition in (definition, None) and isinstance(parameter.node, Struct):
                name = parameter.node.get("Name")
                if isinstance(name, Scalar) and is_text(name.value):
                    facts = hyperparameters.facts(str(name.value), parameter)
                    yield self._hyperparameter(training, facts, parameter, parameter.path, name.span)
                elif isinstance(name, Unknown):
                    hyperparameters.skip_unnamed(name)
        static = follow(self._request, (*definition, "StaticHyperParameters"))
        if not isinstance(static, Struct):
            return
        for key in filter(is_text, static.members):
            path = (*definition, "StaticHyperParameters", key)
            place_ = static.keys.get(key, static.anchor)
            facts = hyperparameters.facts(key, None)
            yield self._hyperparameter(training, facts, static.members[key], path, place_)

    def _channels(self, definition: Path) -> Iterator[Subject]:
        """Each input channel of a definition that is known to be there."""
        training = self._training(definition)
        path = (*definition, "InputDataConfig")
        node = follow(self._request, path)
        for index, item in enumerate(node.items if isinstance(node, Array) else ()):
            values, unknowns = dict(training.values), dict(training.unknowns)
            value, below = cel_value(item, "Channel")
            bind(values, unknowns, "channel", value, below)
            _bind_facts(values, unknowns, "input", input_facts(self._request, definition, (*path, index)))
            values["defaulted"] = self._defaulted((*path, index))
            name = value.get("ChannelName") if isinstance(value, dict) else None
            names = (name,) if isinstance(name, str) else ()
            yield Subject(self._job.request, (*path, index), values, unknowns, training.call, names)

    def _hyperparameter(
        self,
        training: Subject,
        facts: HyperparameterFacts,
        values_of: TunedParameter | Node,
        path: Path,
        span: Span,
    ) -> Subject:
        values, unknowns = dict(training.values), dict(training.unknowns)
        _bind_facts(values, unknowns, "hyperparameter", facts)
        name, script = facts.Name, self._scripts[training.root]
        _bind_facts(values, unknowns, "argument", argument_facts(name, values_of, script, span))
        received = receiver_facts(self._request, training.root, name, values_of, script)
        _bind_facts(values, unknowns, "receiver", received)
        combinations = self._combinations_of(training.root)
        _bind_facts(values, unknowns, "combination", combinations.get(name, NO_COMBINATION))
        switch = NO_SWITCH
        if isinstance(values_of, TunedParameter):
            switch = switch_facts(self._request, training.root, name, script, self._sets)
        _bind_facts(values, unknowns, "switch", switch)
        values["defaulted"] = []
        subject = Subject(self._job.request, path, values, unknowns, training.call, (name,), span)
        if isinstance(script, Script):
            subject.sites = partial(_sites_in_script, name, script)
            subject.correction = partial(argument_correction, name, script.arguments)
        return subject

    def _combinations_of(self, definition: Path) -> dict[str, CombinationFacts]:
        """The facts of refused combinations by the names of a definition's hyperparameters."""
        if definition not in self._combinations:
            script = self._scripts[definition]
            self._combinations[definition] = combination_facts(self._request, definition, script, self._sets)
        return self._combinations[definition]

    def _metrics(self, definition: Path) -> Iterator[Subject]:
        """The metric definitions of a definition."""
        training, script = self._training(definition), self._scripts[definition]
        for path in metric_paths(self._request, definition)[0]:
            values, unknowns = dict(training.values), dict(training.unknowns)
            facts = metric_facts(self._request, definition, path, script, self._sets)
            _bind_facts(values, unknowns, "metric", facts)
            values["defaulted"] = []
            names = (_cel_text(facts.Name),) if isinstance(facts.Name, str) else ()
            subject = Subject(self._job.request, path, values, unknowns, training.call, names)
            if isinstance(script, Script):
                subject.sites = self._metric_sites(definition, path, script.output)
            yield subject

    def _metric_sites(
        self, definition: Path, path: Path, output: ScriptOutput
    ) -> Callable[[str], list[tuple[Site, str]]]:
        """A look-up of the prints of a number with an exponent that a metric's expression does not capture."""

        def sites(what: str) -> list[tuple[Site, str]]:
            found = exponent_prints(self._request, definition, path, output, self._sets) if what == "prints" else []
            return [(each.site, "this is printed with an exponent") for each in found[:1]]

        return sites

    def _algorithm(self, parameter: TunedParameter) -> str | Unknown | None:
        """The algorithm that a parameter belongs to; Unknown for a range that several definitions share."""
        if parameter.definition is not None:
            return algorithm_facts(self._request, parameter.definition).name
        place_ = place(self._request, parameter.path)[0]
        return self._more or Unknown("belongs to no single training job definition", place_)

    def _recommended(self, parameter: TunedParameter, name: Node | None) -> Tunable | Unknown | None:
        """AWS's recommendation for a range of the definition's algorithm; None if there is none."""
        owner = parameter.definition
        algorithm = known_algorithm(self._request, owner) if owner is not None else None
        if not isinstance(algorithm, Algorithm):
            return algorithm
        if isinstance(name, Unknown):
            return name
        return algorithm.tunable.get(str(name.value)) if isinstance(name, Scalar) else None

    def _observation(self, observation: Observation) -> Subject:
        members = _cel_text(msgspec.structs.asdict(observation.observed))
        values = {**self._values, "observation": members, "defaulted": self._defaulted(observation.path)}
        name = members.get("name")
        names = (name,) if isinstance(name, str) else ()
        call = self._call(observation.path)
        root = observation.path
        return Subject(self._job.request, root, values, self._unknowns, call, names, observation.span)

    def _defaulted(self, root: Path) -> list[str]:
        """The paths below a scope's node whose value is a default."""
        depth = len(root)
        return [path_text(path[depth:]) for path in self._default_paths if path[:depth] == root]

    @cached_property
    def _default_paths(self) -> list[Path]:
        """The paths of the whole request whose value is a default: a few, which many subjects are asked for."""
        return paths_of_defaults(self._request)

    def _bind(self, name: str, value: Any, unknowns: Any) -> None:
        bind(self._values, self._unknowns, name, value, unknowns)

    def _bind_facts(self, name: str, facts: Any) -> None:
        _bind_facts(self._values, self._unknowns, name, facts)


def defaulted_paths(root: Node) -> list[str]:
    """The paths whose value is a default of the SDK or service."""
    return [path_text(path) for path in paths_of_defaults(root)]


def paths_of_defaults(root: Node) -> list[Path]:
    """The paths of the values that are defaults of the SDK or service, as steps."""
    return [path for path, node in walk(root) if isinstance(node, Scalar) and node.origin is Origin.DEFAULT]


def _sites_in_script(name: str, script: Script, what: str) -> list[tuple[Site, str]]:
    """The places of the script that handle a hyperparameter: its ``argument``, ``receiver`` or ``combination``."""
    match what:
        case "receiver":
            return receiver_sites(name, script)
        case "combination":
            return combination_sites(name, script)
        case "switch":
            return switch_sites(name, script)
    return argument_sites(name, script.arguments, what)


def _unknown_name(node: Node, at: Span) -> Unknown:
    """Why a range's name is not known."""
    name = node.members.get("Name", node.open) if isinstance(node, Struct) else node
    return name if isinstance(name, Unknown) else Unknown("has no known name", at)


def _role(name: Node | None, range_: Struct, algorithm: str | Unknown | None) -> str | Unknown | None:
    if isinstance(name, Scalar):
        return role(name.value, algorithm) if isinstance(name.value, str) and is_text(name.value) else unusable(name)
    return name if isinstance(name, Unknown) else missing(range_, ("Name",))


def _cel_text(value: Any) -> Any:
    """A value with lone surrogates escaped, which a source can contain and CEL does not accept."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_cel_text(name): _cel_text(member) for name, member in value.items()}
    return [_cel_text(item) for item in value] if isinstance(value, list | tuple) else value


def _bind_facts(values: dict[str, Any], unknowns: UnknownValues, name: str, facts: Any) -> None:
    known: dict[str, Any] = {}
    below: UnknownValues = {}
    for field in facts.__struct_fields__:
        value = getattr(facts, field)
        if isinstance(value, Unknown):
            below[field] = value
        else:
            known[field] = value if isinstance(value, bool | int | float | None) else _cel_text(value)
    bind(values, unknowns, name, known, below)


def _unknowns_at(unknowns: Any, key: Key) -> list[Unknown]:
    """The Unknowns that prevent reading a path; for ``*``, those of all items."""
    if isinstance(unknowns, Unknown):
        return [unknowns]
    if not key or not isinstance(unknowns, dict):
        return []
    if key[0] == "*":
        return [unknown for below in unknowns.values() for unknown in _unknowns_at(below, key[1:])]
    return _unknowns_at(unknowns.get(key[0]), key[1:])
