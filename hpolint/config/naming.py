"""Names of rules, categories and options in a configuration, held against the rules that there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hpolint.config.lookup import Resolved
from hpolint.io import disk
from hpolint.model.settings import ConfigError

if TYPE_CHECKING:
    from hpolint.config.keys import KeyPath
    from hpolint.config.layers import SetValue
    from hpolint.model.rule import Rule

SELECTING = ("select", "extend-select")
LISTS = (*SELECTING, "ignore")
TABLES = ("levels", "undecided")


def check_configurations(found: Iterable[Resolved]) -> list[str]:
    """Raises ConfigError for the first name that means nothing, and for an option's value of a wrong type.

    Gives a line for each try to change what is locked. The rules are loaded only where a configuration, or the command
    line, says anything.
    """
    told: list[str] = []
    found = list(found)
    for resolved in found:
        if not resolved.layer and not resolved.settings.above:
            continue
        from hpolint.config.config_files import COMMAND_LINE
        from hpolint.config.ineffective import idle_locks, ineffective_settings
        from hpolint.config.sdk_config import check_sdk_config
        from hpolint.registry.choosing import known_rules

        _check_folders(resolved)
        rules = known_rules(resolved.settings)
        with reported_at(resolved, "sdk-config"):
            check_sdk_config(resolved.settings.sdk_config)
        for said, path, reason in _wrong(resolved, rules, _known_anywhere(found)):
            origin = said.origin
            if origin.file is not None:
                raise origin.file.error(path, reason)
            raise ConfigError(reason if origin.words == COMMAND_LINE else f"{origin.words}: {reason}")
        told += [*ineffective_settings(resolved, rules), *idle_locks(resolved, rules)]
    return told


def _known_anywhere(found: list[Resolved]) -> tuple[Rule, ...]:
    """The rules that any of some folders knows: the command line speaks of all of them."""
    from hpolint.registry.choosing import known_rules

    return tuple({rule.id: rule for resolved in found for rule in known_rules(resolved.settings)}.values())


@contextmanager
def reported_at(resolved: Resolved, key: str) -> Iterator[None]:
    """Where the value of a setting cannot be followed, its own place is told with the reason."""
    try:
        yield
    except ConfigError as error:
        said = resolved.layer.get((key,))
        if said is None or said.origin.file is None:
            raise
        raise said.origin.file.error(said.origin.path, str(error).removeprefix(f"{key}: ")) from None


def _check_folders(resolved: Resolved) -> None:
    """The folders of policies must be there."""
    said = resolved.layer.get(("policies",))
    for at, folder in enumerate(said.value if said is not None else ()):
        if said is not None and said.origin.file is not None and not disk.is_folder(folder):
            raise said.origin.file.error((*said.origin.path, at), f"{folder}: no such folder")


def _wrong(
    resolved: Resolved, own: tuple[Rule, ...], anywhere: tuple[Rule, ...]
) -> Iterator[tuple[SetValue, KeyPath, str]]:
    """What is wrong with what is said in a folder, by its ``own`` rules; with what no file says, by all rules."""
    from hpolint.registry.choosing import name_error

    reasons: list[tuple[KeyPath, str | None]]
    for key, said in resolved.layer.items():
        rules = own if said.origin.file is not None else anywhere
        if key[0] == "suppressions":
            named = [(at, name) for at, entry in enumerate(said.value) for name in entry.suppression.names]
            reasons = [((*key, at, "rules"), name_error(name, rules, category=False)) for at, name in named]
        elif key[0] == "rules":
            reasons = [(key, _option(key, said.value, rules))]
        elif key[0] in TABLES:
            reasons = [(key, name_error(key[1], rules))]
        else:
            names = said.value if key[0] in LISTS else said.value.names if key[0] == "per-file-ignores" else ()
            reasons = [((*key, at), name_error(name, rules)) for at, name in enumerate(names)]
            if key[0] in SELECTING:
                reasons += [((*key, at), _unset(name, resolved, rules)) for at, name in enumerate(names)]
        yield from ((said, path, reason) for path, reason in reasons if reason)


def _unset(name: str, resolved: Resolved, rules: tuple[Rule, ...]) -> str | None:
    """A rule that is selected by its own name must have its options."""
    from hpolint.registry.choosing import options_of

    for rule in rules:
        if name not in (rule.name, rule.id):
            continue
        missing = [each for each in rule.lacking if each not in options_of(rule, resolved.settings)]
        if missing:
            return f'`{name}` needs the option `{missing[0]}`: set it in [rules."{rule.id}"]'
    return None


def _option(key: tuple[str, ...], value: Any, rules: tuple[Rule, ...]) -> str | None:
    from hpolint.config.keys import did_you_mean
    from hpolint.registry.choosing import name_error
    from hpolint.registry.rule_options import value_error

    _, name, option = key
    if reason := name_error(name, rules, category=option == "locked"):
        return reason
    if option == "locked":
        return None
    rule = next(rule for rule in rules if name in (rule.name, rule.id))
    if option not in rule.options:
        known = ", ".join(f"`{each}`" for each in rule.options) or "none"
        near = did_you_mean(option, [*rule.options, "locked"])
        return f"`{rule.id}` has no option `{option}`{near or f': it has {known}'}"
    return value_error(value, rule.options[option].kind)
