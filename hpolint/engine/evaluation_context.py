"""A tuning job as the rules see it: plain values, null for what is absent, nothing for what is unknown.

What is not bound is a hole, and a hole knows the Unknown behind it, so that a rule that stays
undecided can say why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from typing import Any

import msgspec

from hpolint import schema
from hpolint.cel.type_checks import Key
from hpolint.engine.cel_values import MISSING, UnknownValues, complete, put
from hpolint.facts.algorithm import algorithm_facts, known_algorithm
from hpolint.facts.algorithm_data import Algorithm, Tunable
from hpolint.facts.argument import argument_facts, argument_sites
from hpolint.facts.budget import budget_facts, instance_hours, written_hours
from hpolint.facts.compute import ComputeFacts, compute_facts
from hpolint.facts.definition_paths import definitions_of
from hpolint.facts.environment import environment_variables
from hpolint.facts.hyperparameters import HyperparameterFacts, Hyperparameters, hyperparameters_facts
from hpolint.facts.objective import objective_facts
from hpolint.facts.range import range_facts
from hpolint.facts.refused import without_refused
from hpolint.facts.role import role
from hpolint.facts.script import script_facts, script_of, script_sites
from hpolint.facts.space import RangeSet, TunedParameter, range_sets, space_facts
from hpolint.facts.typed_values import missing, unusable
from hpolint.facts.worst_case_cost import cost_facts
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
from hpolint.model.observations import SpotTurnedDown, kind_of
from hpolint.model.reasons import CODE_CHANNEL
from hpolint.model.source import Span
from hpolint.model.training_script import Script, Site
from hpolint.registry.vocabulary import OF_ONE_DEFINITION, RANGE_MEMBERS, RANGE_SHAPES

TURNED_DOWN = kind_of(SpotTurnedDown)


class Subject(msgspec.Struct):
    """What one rule is asked about: the names' values, their holes, and the scope's node."""

    request: Struct
    root: Path
    values: dict[str, Any]
    unknowns: UnknownValues
    call: Span
    """The small place of the call or structure that it stands in."""
    names: tuple[str, ...] = ()
    """What a message calls it, if anything."""
    span: Span | None = None
    """Where the subject stands, if the request does not say: an observation's place."""
    sites: Callable[[str], list[tuple[Site, str]]] = lambda _: []
    """Places of the training script, with what stands there, by what a rule calls them."""

    def causes(self, reads: Iterable[Key]) -> list[Unknown]:
        """The unknown values among the paths that an expression reads."""
        found: dict[Unknown, None] = {}
        for key in sorted(reads):
            for unknown in _unknowns_at(self.unknowns, key):
                found[unknown] = None
        return list(found)


class EvaluationContext:
    """The subjects of one job."""

    def __init__(self, job: TuningJob) -> None:
        self._job = job
        request = self._request = without_refused(job.request)
        self._values: dict[str, Any] = {}
        self._holes: UnknownValues = {}
        self._trainings: dict[Path, Subject] = {}
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
        """What a rule of a scope is asked about; of observations those of the kind that it ``observes``."""
        key = (scope, observes)
        if key not in self._subjects:
            self._subjects[key] = self._made(scope, observes)
        return self._subjects[key]

    def _made(self, scope: str, observes: str | None) -> list[Subject]:
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
        subject = Subject(self._job.request, (), values, self._holes, self._request.anchor, self._names)
        if len(self.definitions) == 1:
            subject.sites = self._sites(self.definitions[0])
        return subject

    @property
    def _names(self) -> tuple[str, ...]:
        name = self._job.variable or self._job.name
        return () if name is None else (_cel_text(name),)

    def _call(self, path: Path) -> Span:
        """The place of the nearest structure around a path that is written."""
        return place(self._request, path)[0]

    def unseen(self, scope: str) -> tuple[Unknown, ...]:
        """Why there may be subjects of a scope that cannot be seen: open lists of ranges or definitions."""
        if scope in ("parameter", "hyperparameter"):
            return tuple(dict.fromkeys(self.open_ranges))
        found = [self._more] if self._more is not None and scope in ("training", "channel") else []
        if scope == "channel":
            found += [more for path in self.definitions if (more := self._more_channels(path)) is not None]
        return tuple(dict.fromkeys(found))

    def _more_channels(self, definition: Path) -> Unknown | None:
        """Why a definition may have channels that cannot be seen; the SDK's own for the code is none of them."""
        node = follow(self._request, (*definition, "InputDataConfig"))
        more = node.open if isinstance(node, Array) else node
        return more if isinstance(more, Unknown) and more.reason != CODE_CHANNEL else None

    def _bind_request(self, request: Struct) -> None:
        value, holes = complete(request, schema.REQUEST)
        self._put("request", value, holes)
        config_holes = holes.get(schema.CONFIG, {})
        config = value.get(schema.CONFIG, MISSING)
        self._put("config", config, config_holes)
        if isinstance(config, dict):
            limits_holes = config_holes.get("ResourceLimits", {})
            self._put("limits", config.get("ResourceLimits", MISSING), limits_holes)
        else:
            self._put("limits", MISSING, config_holes)
        path = self._job.source.name.encode("utf-8", "replace").decode()  # a file name may be any bytes
        job: dict[str, Any] = {"form": self._job.form, "path": path, "launched": self._job.is_launched}
        job["earlier_twin"], job["carried"] = self._job.earlier_twin, self._job.carrier is not None
        job_holes: UnknownValues = {}
        name = request.members.get("HyperParameterTuningJobName", request.open)
        put(job, job_holes, "name", *((None, {}) if name is None else complete(name, "HyperParameterTuningJobName")))
        count = environment_variables(request, self.definitions, self._more)
        put(job, job_holes, "environment_variables", *((MISSING, count) if isinstance(count, Unknown) else (count, {})))
        self._put("job", job, job_holes)
        self._values["observed"] = sorted({each.kind for each in self._job.observations})

    def _bind_job_facts(self, request: Struct, sets: list[RangeSet]) -> None:
        computes: list[ComputeFacts] | Unknown = self._more or [
            compute_facts(request, path) for path in self.definitions
        ]
        sole = self.definitions[0] if len(self.definitions) == 1 else None
        name = algorithm_facts(request, sole).name if sole is not None else None
        space = space_facts(request, sets, self._more if self.definitions else None, name)
        self._budget = budget_facts(request, space, computes)
        self._put_facts("space", space)
        self._put_facts("budget", self._budget)
        known = computes if isinstance(computes, list) else [compute_facts(request, each) for each in self.definitions]
        self._put_facts("cost", cost_facts(request, self.definitions, self._more, self._budget, known))
        if self._more is not None:
            self._put("objective", MISSING, self._more)
        else:
            self._put_facts("objective", objective_facts(request, sole, name))
        if self._more is not None and len(self.definitions) < 2:
            for name in OF_ONE_DEFINITION:
                self._put(name, MISSING, self._more)
        elif sole is not None:
            self._bind_training(self._values, self._holes, sole)
        else:
            for name in OF_ONE_DEFINITION:
                self._put(name, None, {})

    def _training(self, definition: Path) -> Subject:
        """The subject of one definition, made once: each of its parameters has all that it has."""
        if definition not in self._trainings:
            self._trainings[definition] = self._made_training(definition)
        return self._trainings[definition]

    def _made_training(self, definition: Path) -> Subject:
        values, holes = dict(self._values), dict(self._holes)
        self._bind_training(values, holes, definition)
        name = algorithm_facts(self._request, definition).name
        _put_facts(values, holes, "objective", objective_facts(self._request, definition, name))
        values["defaulted"] = self._defaulted(definition)
        subject = Subject(self._job.request, definition, values, holes, self._call(definition), self._names)
        subject.sites = self._sites(definition)
        return subject

    def _sites(self, definition: Path) -> Callable[[str], list[tuple[Site, str]]]:
        """Where a definition's script has what a rule calls by a name."""
        script = self._scripts.get(definition)
        if not isinstance(script, Script):
            return lambda _: []
        return partial(script_sites, self._request, definition, script, self._sets)

    def _bind_training(self, values: dict[str, Any], holes: UnknownValues, definition: Path) -> None:
        node = follow(self._request, definition)
        if node is not None:
            put(values, holes, "training", *complete(node, schema.DEFINITION))
        compute = compute_facts(self._request, definition)
        hours = instance_hours(self._request, self._budget.trials, self._budget.parallel, compute)
        written = written_hours(self._request, self._budget.trials, self._budget.parallel, compute)
        turned_down = any(each.path == definition and each.kind == TURNED_DOWN for each in self._job.observations)
        compute = msgspec.structs.replace(
            compute, instance_hours=hours, written_hours=written, spot_turned_down=turned_down
        )
        _put_facts(values, holes, "compute", compute)
        _put_facts(values, holes, "algorithm", algorithm_facts(self._request, definition))
        sent = hyperparameters_facts(self._request, definition, self._sets)
        _put_facts(values, holes, "hyperparameters", sent)
        script = self._scripts.get(definition)
        _put_facts(values, holes, "script", script_facts(self._request, definition, script, self._sets))

    def _parameter(self, parameter: TunedParameter) -> Subject:
        owner = parameter.definition
        if owner is not None:
            subject = self._training(owner)
            values, holes = dict(subject.values), dict(subject.unknowns)
        else:
            values, holes = dict(self._values), dict(self._holes)
        algorithm = self._algorithm(parameter)
        node = parameter.node
        value, below = complete(node, RANGE_SHAPES[parameter.kind])
        if isinstance(value, dict):
            value = {name: None for name in RANGE_MEMBERS if name not in below} | value
        put(values, holes, "parameter", value, below)
        if isinstance(node, Struct):
            recommended = self._recommended(parameter, node.get("Name"))
            _put_facts(values, holes, "range", range_facts(parameter.kind, node, recommended))
            name = node.members.get("Name", node.open)
            found = _role(name, node, algorithm)
        else:
            unknown = node if isinstance(node, Unknown) else unusable(node)
            put(values, holes, "range", MISSING, unknown)
            found = unknown
        put(values, holes, "role", *((MISSING, found) if isinstance(found, Unknown) else (found, {})))
        values["defaulted"] = self._defaulted(parameter.path)
        name = value.get("Name") if isinstance(value, dict) else None
        names = (name,) if isinstance(name, str) else ()
        script = self._script_of(owner)
        at = place(self._request, parameter.path)[0]
        told: str | Unknown = name if isinstance(name, str) else _unknown_name(node, at)
        _put_facts(values, holes, "argument", argument_facts(told, parameter, script, at))
        subject = Subject(self._job.request, parameter.path, values, holes, self._call(parameter.path[:-2]), names)
        if isinstance(script, Script) and isinstance(name, str):
            subject.sites = partial(argument_sites, name, script)
        return subject

    def _script_of(self, definition: Path | None) -> Script | Unknown | None:
        """The script of one definition, or of the only one."""
        if definition is None and len(self.definitions) == 1:
            definition = self.definitions[0]
        return self._scripts.get(definition) if definition is not None else None

    def _hyperparameters(self, definition: Path) -> Iterator[Subject]:
        """Each hyperparameter of a definition whose name is told: what is tuned, then what is static."""
        training = self._training(definition)
        asked = Hyperparameters(self._request, definition)
        for parameter in self.parameters:
            if parameter.definition in (definition, None) and isinstance(parameter.node, Struct):
                name = parameter.node.get("Name")
                if isinstance(name, Scalar) and is_text(name.value):
                    facts = asked.facts(str(name.value), parameter)
                    yield self._hyperparameter(training, facts, parameter, parameter.path, name.span)
                elif isinstance(name, Unknown):
                    asked.passes_over(name)
        static = follow(self._request, (*definition, "StaticHyperParameters"))
        if not isinstance(static, Struct):
            return
        for key in filter(is_text, static.members):
            path = (*definition, "StaticHyperParameters", key)
            place_ = static.keys.get(key, static.anchor)
            yield self._hyperparameter(training, asked.facts(key, None), None, path, place_)

    def _channels(self, definition: Path) -> Iterator[Subject]:
        """Each input channel of a definition that is known to be there."""
        training = self._training(definition)
        path = (*definition, "InputDataConfig")
        node = follow(self._request, path)
        for index, item in enumerate(node.items if isinstance(node, Array) else ()):
            values, holes = dict(training.values), dict(training.unknowns)
            value, below = complete(item, "Channel")
            put(values, holes, "channel", value, below)
            values["defaulted"] = self._defaulted((*path, index))
            name = value.get("ChannelName") if isinstance(value, dict) else None
            names = (name,) if isinstance(name, str) else ()
            yield Subject(self._job.request, (*path, index), values, holes, training.call, names)

    def _hyperparameter(
        self,
        training: Subject,
        facts: HyperparameterFacts,
        range_: TunedParameter | None,
        path: Path,
        span: Span,
    ) -> Subject:
        values, holes = dict(training.values), dict(training.unknowns)
        _put_facts(values, holes, "hyperparameter", facts)
        name, script = facts.Name, self._scripts[training.root]
        _put_facts(values, holes, "argument", argument_facts(name, range_, script, span))
        values["defaulted"] = []
        subject = Subject(self._job.request, path, values, holes, training.call, (name,), span)
        if isinstance(script, Script):
            subject.sites = partial(argument_sites, name, script)
        return subject

    def _algorithm(self, parameter: TunedParameter) -> str | Unknown | None:
        """The algorithm whose parameter this is; unknown for ranges that several definitions share."""
        if parameter.definition is not None:
            return algorithm_facts(self._request, parameter.definition).name
        place_ = place(self._request, parameter.path)[0]
        return self._more or Unknown("belongs to none of several training job definitions", place_)

    def _recommended(self, parameter: TunedParameter, name: Node | None) -> Tunable | Unknown | None:
        """What AWS recommends for a range of the definition's algorithm; None where it is not known."""
        owner = parameter.definition
        if owner is None or not isinstance(name, Scalar):
            return None
        algorithm = known_algorithm(self._request, owner)
        return algorithm.tunable.get(str(name.value)) if isinstance(algorithm, Algorithm) else algorithm

    def _observation(self, observation: Observation) -> Subject:
        seen = _cel_text(msgspec.structs.asdict(observation.observed))
        values = {**self._values, "observation": seen, "defaulted": self._defaulted(observation.path)}
        name = seen.get("name")
        names = (name,) if isinstance(name, str) else ()
        call = self._call(observation.path)
        root = observation.path
        return Subject(self._job.request, root, values, self._holes, call, names, observation.span)

    def _defaulted(self, root: Path) -> list[str]:
        """The paths below a scope's node whose value nobody wrote."""
        node = follow(self._request, root)
        return [] if node is None else defaulted_paths(node)

    def _put(self, name: str, value: Any, holes: Any) -> None:
        put(self._values, self._holes, name, value, holes)

    def _put_facts(self, name: str, facts: Any) -> None:
        _put_facts(self._values, self._holes, name, facts)


def defaulted_paths(root: Node) -> list[str]:
    """The paths whose value is a default of the SDK or service."""
    found = [path for path, node in walk(root) if isinstance(node, Scalar) and node.origin is Origin.DEFAULT]
    return [path_text(path) for path in found]


def _unknown_name(node: Node, at: Span) -> Unknown:
    """Why a range's name cannot be told."""
    name = node.members.get("Name", node.open) if isinstance(node, Struct) else node
    return name if isinstance(name, Unknown) else Unknown("has no name that can be told", at)


def _role(name: Node | None, range_: Struct, algorithm: str | Unknown | None) -> str | Unknown | None:
    if isinstance(name, Scalar):
        return role(name.value, algorithm) if isinstance(name.value, str) and is_text(name.value) else unusable(name)
    return name if isinstance(name, Unknown) else missing(range_, ("Name",))


def _cel_text(value: Any) -> Any:
    """What a reader saw, for CEL: half of a surrogate pair, which a source can spell, is no text there."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_cel_text(name): _cel_text(member) for name, member in value.items()}
    return [_cel_text(item) for item in value] if isinstance(value, list | tuple) else value


def _put_facts(values: dict[str, Any], holes: UnknownValues, name: str, facts: Any) -> None:
    known: dict[str, Any] = {}
    below: UnknownValues = {}
    for field in facts.__struct_fields__:
        value = getattr(facts, field)
        if isinstance(value, Unknown):
            below[field] = value
        else:
            known[field] = value if isinstance(value, bool | int | float | None) else _cel_text(value)
    put(values, holes, name, known, below)


def _unknowns_at(holes: Any, key: Key) -> list[Unknown]:
    """The Unknowns that keep a path from being read; for ``*`` those of any item."""
    if isinstance(holes, Unknown):
        return [holes]
    if not key or not isinstance(holes, dict):
        return []
    if key[0] == "*":
        return [unknown for below in holes.values() for unknown in _unknowns_at(below, key[1:])]
    return _unknowns_at(holes.get(key[0]), key[1:])
