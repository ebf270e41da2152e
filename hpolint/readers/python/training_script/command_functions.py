"""Command lines that a function's signature and decorators define: click, typer, fire and Hydra."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hpolint.model.training_script import Doubt, Option, Parser, Site
from hpolint.readers.python.training_script.script_trees import ScriptTrees

HYDRA_OPTIONS = (
    *(("--help", "-h"), ("--hydra-help",), ("--version",), ("--cfg", "-c"), ("--resolve",), ("--package", "-p")),
    *(("--run", "-r"), ("--multirun", "-m"), ("--shell-completion", "-sc"), ("--config-path", "-cp")),
    *(("--config-name", "-cn"), ("--config-dir", "-cd"), ("--experimental-rerun",), ("--info", "-i")),
)
"""Hydra's own options. Source: hydra-core 1.3, ``hydra/_internal/utils.py``."""


def command_parsers(trees: ScriptTrees) -> Iterator[Parser]:
    """The parsers of the functions that click, typer, fire or Hydra call with the command line."""
    for node in trees.nodes():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if trees.is_imported("click") and _decorated(node, "click", "command"):
                yield _click(node, trees)
            elif trees.is_imported("typer") and (_decorated(node, "app", "command") or _is_run(node, trees, "typer")):
                yield _typer(node, trees)
            elif trees.is_imported("fire") and _is_run(node, trees, "fire"):
                yield _fire(node, trees)
            elif trees.is_imported("hydra") and _decorated(node, "hydra", "main"):
                yield _hydra(node, trees)


def _decorated(node: ast.FunctionDef | ast.AsyncFunctionDef, module: str, name: str) -> bool:
    """Whether a function has the decorator ``module.name``; for ``app``, the name of any object matches."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(called, ast.Attribute) and called.attr == name and isinstance(called.value, ast.Name):
            return module == "app" or called.value.id == module
    return False


def _is_run(node: ast.FunctionDef | ast.AsyncFunctionDef, trees: ScriptTrees, library: str) -> bool:
    """Whether the function is passed to ``typer.run`` or ``fire.Fire``."""
    calls = trees.calls_of("run" if library == "typer" else "Fire")
    return any(isinstance(each, ast.Name) and each.id == node.name for call in calls for each in call.args[:1])


def _site(node: ast.expr | ast.stmt | ast.arg, trees: ScriptTrees) -> Site:
    return trees.site_of(node)


def _click(node: ast.FunctionDef | ast.AsyncFunctionDef, trees: ScriptTrees) -> Parser:
    options: list[Option] = []
    open_: Doubt | None = None
    if any(call.args or call.keywords for call in trees.calls_of(node.name)):
        open_ = Doubt("may call a command with other arguments than the command line", _site(node, trees))
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
            open_ = open_ or Doubt("has a command that a decorator changes", _site(decorator, trees))
            continue
        keywords = {each.arg: each.value for each in decorator.keywords}
        kind = decorator.func.attr
        if kind in ("option", "argument"):
            names = [str(each.value) for each in decorator.args if isinstance(each, ast.Constant)]
            flags = [part for name in names for part in name.split("/") if part.startswith("-") or kind == "argument"]
            if len(names) < len(decorator.args) or not flags:
                open_ = open_ or Doubt("has an option whose name is unknown", _site(decorator, trees))
            else:
                is_required = _is_true(keywords.get("required")) and "envvar" not in keywords
                options.append(_option(flags, _site(decorator, trees), is_required=is_required))
        elif kind == "command" and "context_settings" in keywords:
            open_ = open_ or Doubt("has a command with custom settings", _site(decorator, trees))
        elif kind not in ("command", "pass_context"):
            open_ = open_ or Doubt("has a command that a decorator changes", _site(decorator, trees))
    return Parser(tuple(options), _site(node, trees), True, open_, abbreviates=False)


def _typer(node: ast.FunctionDef | ast.AsyncFunctionDef, trees: ScriptTrees) -> Parser:
    options = []
    for argument, default in _parameters(node.args):
        called = _called(default)
        arguments = default.args if isinstance(default, ast.Call) else []
        named = [each.value for each in arguments if isinstance(each, ast.Constant)]
        own = [str(each) for each in named if isinstance(each, str) and each.startswith("-")]
        if default is None or called == "Argument":
            is_required = default is None or _is_required(default)
            options.append(_option([argument.arg], _site(argument, trees), is_required=is_required))
            continue
        flag = f"--{argument.arg.replace('_', '-')}"
        is_switch = isinstance(argument.annotation, ast.Name) and argument.annotation.id == "bool"
        flags = own or ([flag, f"--no-{flag[2:]}"] if is_switch else [flag])
        options.append(_option(flags, _site(argument, trees), is_required=called == "Option" and _is_required(default)))
    return Parser(tuple(options), _site(node, trees), True, _open(node, trees), abbreviates=False)


def _fire(node: ast.FunctionDef | ast.AsyncFunctionDef, trees: ScriptTrees) -> Parser:
    options = []
    for argument, default in [*_parameters(node.args), *_keyword_only(node.args)]:
        flags = list(dict.fromkeys([f"--{argument.arg}", f"--{argument.arg.replace('_', '-')}"]))
        options.append(_option(flags, _site(argument, trees), is_required=default is None))
    return Parser(tuple(options), _site(node, trees), True, _open(node, trees), abbreviates=False)


def _hydra(node: ast.FunctionDef | ast.AsyncFunctionDef, trees: ScriptTrees) -> Parser:
    """The parser of a function of Hydra, which reads ``key=value`` and refuses options that it does not have."""
    calls = [call for call in trees.calls_of(node.name) if isinstance(call.func, ast.Name)]
    site = _site(node, trees)
    open_ = None
    if len(node.decorator_list) > 1 or not calls or any(call.args or call.keywords for call in calls):
        open_ = Doubt("may call a function of Hydra with other arguments than the command line", site)
    options = [_option(list(flags), site, is_required=False) for flags in HYDRA_OPTIONS]
    return Parser(tuple(options), site, True, open_, takes_overrides=True)


def _open(node: ast.FunctionDef | ast.AsyncFunctionDef, trees: ScriptTrees) -> Doubt | None:
    """The doubt about a function that takes any keyword argument; None for any other function."""
    if node.args.kwarg is not None:
        return Doubt("takes any argument", _site(node.args.kwarg, trees))
    return None


def _option(flags: list[str], site: Site, *, is_required: bool) -> Option:
    """An option whose values are not checked."""
    return Option(tuple(flags), site, required=is_required, is_open=True)


def _parameters(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    names = [*arguments.posonlyargs, *arguments.args]
    defaults = [*[None] * (len(names) - len(arguments.defaults)), *arguments.defaults]
    return list(zip(names, defaults, strict=True))


def _keyword_only(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    return list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))


def _called(node: ast.expr | None) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_required(default: ast.expr | None) -> bool:
    """Whether typer's ``Option(…)`` has ``...`` or nothing as its default."""
    first = next(iter(default.args), None) if isinstance(default, ast.Call) else None
    return first is None or (isinstance(first, ast.Constant) and first.value is ...)


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
