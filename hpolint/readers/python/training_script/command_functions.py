"""Command lines that a function's signature and decorators define: click, typer, fire and Hydra."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias

from hpolint.model.training_script import Doubt, Option, Parser, Site
from hpolint.readers.python.training_script.script_trees import (
    ScriptTrees,
    argument_of,
    called_name,
    positional_parameters,
    text_of,
)

HYDRA_OPTIONS = (
    *(("--help", "-h"), ("--hydra-help",), ("--version",), ("--cfg", "-c"), ("--resolve",), ("--package", "-p")),
    *(("--run", "-r"), ("--multirun", "-m"), ("--shell-completion", "-sc"), ("--config-path", "-cp")),
    *(("--config-name", "-cn"), ("--config-dir", "-cd"), ("--experimental-rerun",), ("--info", "-i")),
)
"""Hydra's own options. Source: hydra-core 1.3, ``hydra/_internal/utils.py``."""


Command: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
COMMANDS: tuple[type[Command], ...] = (ast.FunctionDef, ast.AsyncFunctionDef)


def command_parsers(trees: ScriptTrees) -> Iterator[Parser]:
    """The parsers of the functions that click, typer, fire or Hydra call with the command line."""
    for node in trees.nodes_of(*COMMANDS):
        yield from _parsers_of(node, trees)


def _parsers_of(node: Command, trees: ScriptTrees) -> Iterator[Parser]:
    if trees.is_imported("click") and _is_decorated(node, "click", "command"):
        yield _click(node, trees)
    elif trees.is_imported("typer") and (_is_decorated(node, "app", "command") or _is_run(node, trees, "run")):
        yield _typer(node, trees)
    elif trees.is_imported("fire") and _is_run(node, trees, "Fire"):
        yield _fire(node, trees)
    elif trees.is_imported("hydra") and _is_decorated(node, "hydra", "main"):
        yield _hydra(node, trees)


def _is_decorated(node: Command, module: str, name: str) -> bool:
    """Whether a function has the decorator ``module.name``; for ``app``, the name of any object matches."""
    for decorator in node.decorator_list:
        match decorator.func if isinstance(decorator, ast.Call) else decorator:
            case ast.Attribute(attr=attribute, value=ast.Name(id=owner)) if attribute == name:
                return module in ("app", owner)
    return False


def _is_run(node: Command, trees: ScriptTrees, function: str) -> bool:
    """Whether a function is passed to ``typer.run`` or ``fire.Fire``."""
    passed = [call.args[0] for call in trees.calls_of(function) if call.args]
    return any(isinstance(argument, ast.Name) and argument.id == node.name for argument in passed)


def _click(node: Command, trees: ScriptTrees) -> Parser:
    options: list[Option] = []
    open_: Doubt | None = None
    if any(call.args or call.keywords for call in trees.calls_of(node.name)):
        open_ = Doubt("may call a command with other arguments than the command line", trees.site_of(node))
    for decorator in node.decorator_list:
        part = _click_part(decorator, trees)
        if isinstance(part, Option):
            options.append(part)
        elif part is not None:
            open_ = open_ or Doubt(part, trees.site_of(decorator))
    return Parser(tuple(options), trees.site_of(node), True, open_, abbreviates=False)


def _click_part(decorator: ast.expr, trees: ScriptTrees) -> Option | str | None:
    """The option that a decorator adds to a command, or why it may add others; None if it adds nothing."""
    match decorator:
        case ast.Call(func=ast.Attribute(attr="option" | "argument")):
            return _click_option(decorator, trees) or "has an option whose name is unknown"
        case ast.Call(func=ast.Attribute(attr="command")):
            has_settings = argument_of(decorator, "context_settings") is not None
            return "has a command with custom settings" if has_settings else None
        case ast.Call(func=ast.Attribute(attr="pass_context")):
            return None
    return "has a command that a decorator changes"


def _click_option(decorator: ast.Call, trees: ScriptTrees) -> Option | None:
    """The option or argument that a decorator declares; None if its name is unknown."""
    names = [str(argument.value) for argument in decorator.args if isinstance(argument, ast.Constant)]
    if not names or len(names) < len(decorator.args):
        return None
    flags = "/".join(names).split("/")
    if called_name(decorator) == "option":
        flags = [flag for flag in flags if flag.startswith("-")]
    if not flags:
        return None
    return _option(flags, trees.site_of(decorator), is_required=_is_required_by_click(decorator))


def _is_required_by_click(decorator: ast.Call) -> bool:
    match argument_of(decorator, "required"):
        case ast.Constant(value=True):
            return argument_of(decorator, "envvar") is None
    return False


def _typer(node: Command, trees: ScriptTrees) -> Parser:
    options = []
    for argument, default in positional_parameters(node.args):
        called = called_name(default) if isinstance(default, ast.Call) else ""
        if default is None or called == "Argument":
            flags, is_required = [argument.arg], _is_required(default)
        else:
            flags, is_required = _typer_flags(argument, default), called == "Option" and _is_required(default)
        options.append(_option(flags, trees.site_of(argument), is_required=is_required))
    return Parser(tuple(options), trees.site_of(node), True, _open(node, trees), abbreviates=False)


def _typer_flags(argument: ast.arg, default: ast.expr) -> list[str]:
    """The names of an option: those that its default gives it, else those that typer makes of the parameter's."""
    texts = map(text_of, default.args) if isinstance(default, ast.Call) else ()
    own = [text for text in texts if text is not None and text.startswith("-")]
    if own:
        return own
    name = argument.arg.replace("_", "-")
    is_switch = isinstance(argument.annotation, ast.Name) and argument.annotation.id == "bool"
    return [f"--{name}", f"--no-{name}"] if is_switch else [f"--{name}"]


def _fire(node: Command, trees: ScriptTrees) -> Parser:
    options = []
    keyword_only = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    for argument, default in [*positional_parameters(node.args), *keyword_only]:
        flags = list(dict.fromkeys([f"--{argument.arg}", f"--{argument.arg.replace('_', '-')}"]))
        options.append(_option(flags, trees.site_of(argument), is_required=default is None))
    return Parser(tuple(options), trees.site_of(node), True, _open(node, trees), abbreviates=False)


def _hydra(node: Command, trees: ScriptTrees) -> Parser:
    """The parser of a function of Hydra, which reads ``key=value`` and refuses options that it does not have."""
    calls = [call for call in trees.calls_of(node.name) if isinstance(call.func, ast.Name)]
    site = trees.site_of(node)
    open_ = None
    if len(node.decorator_list) > 1 or not calls or any(call.args or call.keywords for call in calls):
        open_ = Doubt("may call a function of Hydra with other arguments than the command line", site)
    options = [_option(list(flags), site, is_required=False) for flags in HYDRA_OPTIONS]
    return Parser(tuple(options), site, True, open_, takes_overrides=True)


def _open(node: Command, trees: ScriptTrees) -> Doubt | None:
    """The doubt about a function that takes any keyword argument; None for any other function."""
    if node.args.kwarg is not None:
        return Doubt("takes any argument", trees.site_of(node.args.kwarg))
    return None


def _option(flags: list[str], site: Site, *, is_required: bool) -> Option:
    """An option whose values are not checked."""
    return Option(tuple(flags), site, required=is_required, is_open=True)


def _is_required(default: ast.expr | None) -> bool:
    """Whether typer's ``Option(…)`` has ``...`` or nothing as its default."""
    match default:
        case ast.Call(args=[first, *_]):
            return isinstance(first, ast.Constant) and first.value is ...
    return True
