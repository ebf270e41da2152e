"""Where a training script takes hyperparameters, and where definitions name these."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TypeAlias, TypeVar

from hpolint.editor.hovers import name_place, own_jobs, parameters_of, subject_at, touches
from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.fixes.changes import NoEditError
from hpolint.fixes.python_trees import PythonTree
from hpolint.model.source import Source, Span
from hpolint.model.training_script import Script
from hpolint.report.outcome import Outcome
from hpolint.syntax.pieced_text import offsets

Node = TypeVar("Node", bound=ast.AST)

Declaration: TypeAlias = ast.expr | ast.stmt | ast.arg

DECLARING = frozenset({"add_argument", "option", "argument", "Option", "Argument"})
"""The names of the functions that declare an option in argparse, click and typer."""

PARAMETERS_ARE_OPTIONS = ("typer", "fire", "hydra", "click")
"""Modules by which the parameters of a function are options."""

FIELDS_ARE_OPTIONS = ("ArgumentParser", "simple_parsing", "tyro")
"""What a script names whose options are fields of a class."""


def option_sites(outcome: Outcome, span: Span) -> list[tuple[Source, Span]]:
    """The places of the training script that take the hyperparameter at a place of the outcome's source."""
    found = subject_at(outcome, span)
    if found is None:
        return []
    job, subject, _ = found
    sources: dict[str, Source] = {}
    for script in job.scripts.values():
        if isinstance(script, Script):
            sources |= {source.name: source for source in script.sources}
    sites = [site for site, _ in subject.sites("argument")]
    return [(sources[site.source], site.span) for site in sites if site.source in sources]


def may_be_option(script: Source, span: Span) -> bool:
    """Whether a place of a script may be within the declaration of an option. No definition is read for it."""
    try:
        tree = PythonTree(script.text)
    except NoEditError:
        return False
    at = script.offset(span.line, span.column)
    return any(_holds(tree, node, at) for node in _declarations(tree, script.text))


def _holds(tree: PythonTree, node: Declaration, at: int) -> bool:
    start, end = tree.offsets(node)
    return start <= at <= end


def _declarations(tree: PythonTree, text: str) -> Iterator[Declaration]:
    """The calls, parameters and fields of a script that may declare options."""
    yield from filter(_declares, _of_type(tree, ast.Call))
    if _names_any(text, PARAMETERS_ARE_OPTIONS):
        for function in _of_type(tree, ast.FunctionDef):
            yield from _parameters(function)
    if _names_any(text, FIELDS_ARE_OPTIONS):
        yield from _of_type(tree, ast.AnnAssign)


def _of_type(tree: PythonTree, kind: type[Node]) -> Iterator[Node]:
    return (node for node in tree.nodes if isinstance(node, kind))


def _names_any(text: str, names: Iterable[str]) -> bool:
    return any(name in text for name in names)


def _declares(call: ast.Call) -> bool:
    return _called_name(call) in DECLARING or any(map(_is_flag, call.args))


def _parameters(function: ast.FunctionDef) -> Iterator[Declaration]:
    yield from function.args.args
    yield from function.args.defaults


def _called_name(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _is_flag(value: ast.expr) -> bool:
    """Whether a value is a text that begins with a dash."""
    if isinstance(value, ast.JoinedStr):
        return bool(value.values) and _is_flag(value.values[0])
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value.startswith("-")


def option_name_places(outcome: Outcome, script: Source, span: Span) -> list[Span]:
    """Where the jobs of an outcome's source name the hyperparameter that a script's option at a place takes."""
    found = []
    for job in own_jobs(outcome):
        for subject in parameters_of(EvaluationContext(job)):
            sites = [site.span for site, _ in subject.sites("argument") if site.source == script.name]
            place = name_place(job, subject) if any(_is_in_call(script, site, span) for site in sites) else None
            if place is not None:
                found.append(place)
    return list(dict.fromkeys(found))


def _is_in_call(script: Source, site: Span, span: Span) -> bool:
    """Whether a place is within the call, for example of ``add_argument``, whose function is named at ``site``."""
    try:
        tree = PythonTree(script.text)
        start, end = tree.offsets(tree.call(*offsets(script, site)))
    except NoEditError:
        return touches(site, span)
    return start <= script.offset(span.line, span.column) <= end
