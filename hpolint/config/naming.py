"""Validation of the rules, categories and options that configurations name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hpolint.config.lookup import Resolved
from hpolint.io import disk
from hpolint.io.escaping import brief
from hpolint.model.settings import ConfigError

if TYPE_CHECKING:
    from hpolint.config.keys import KeyPath
    from hpolint.config.layers import Layer, SetValue
    from hpolint.model.rule import Rule
    from hpolint.registry.policies import PolicyFolderError

SELECTING = ("select", "extend-select")
LISTS = (*SELECTING, "ignore")
TABLES = ("levels", "undecided")


TABLE_OF_OPTION = {"level": "levels", "levels": "levels", "undecided": "undecided"}
"""Settings of a rule that have a table of their own, by the names under which people look for them."""


def check_configurations(configurations: Iterable[Resolved], policies: Iterable[Resolved] = ()) -> list[str]:
    """Notices about settings that have no effect: those on locked rules, locks on disabled rules, and files of reports.

    The first of ``configurations`` are the settings of the run itself. ``policies`` are those of ``--policy``. The
    rules are loaded only if a configuration or the command line sets anything. Raises ConfigError for the first unknown
    name, an option's value of a wrong type, a lock of a policy on a disabled rule, and a report's file that the run's
    own configuration file names.
    """
    notices: list[str] = []
    policies = list(policies)
    configurations = list(configurations)
    notices += _report_files(configurations, policies)
    configurations = [*policies, *configurations]
    for resolved in configurations:
        if not resolved.layer and not resolved.settings.above:
            continue
        from hpolint.config.config_files import COMMAND_LINE
        from hpolint.config.ineffective import idle_locks, ineffective_settings
        from hpolint.config.sdk_config import check_sdk_config
        from hpolint.registry.choosing import known_rules
        from hpolint.registry.policies import PolicyFolderError

        _check_policy_folders(resolved)
        try:
            rules = known_rules(resolved.settings)
        except PolicyFolderError as error:
            raise _policy_folder_error(resolved, error) from None
        with reported_at(resolved, "sdk-config"):
            check_sdk_config(resolved.settings.sdk_config)
        for value, path, reason in _problems(resolved, rules, _all_rules(configurations)):
            origin = value.origin
            if origin.file is not None:
                raise origin.file.error(path, reason)
            raise ConfigError(reason if origin.words == COMMAND_LINE else f"{origin.words}: {reason}")
        idle = list(idle_locks(resolved, rules))
        for lock in idle:
            if lock.is_error or resolved in policies:
                raise ConfigError(lock.line)
        notices += renamed_options(resolved, rules)
        notices += [*ineffective_settings(resolved, rules), *(lock.line for lock in idle)]
    return list(dict.fromkeys(notices))


def _report_files(configurations: list[Resolved], policies: list[Resolved]) -> Iterator[str]:
    """A notice for each file that a configuration file names in ``output`` without effect.

    Raises ConfigError where it would have an effect: a checked repository does not decide what is overwritten.
    """
    for resolved in (*policies, *configurations):
        setting = resolved.layer.get(("output",))
        effective = setting.origin.file if setting is not None and resolved is configurations[0] else None
        for file in resolved.files:
            for at, value in enumerate(file.table.get("output", ())):
                if ":" not in value:
                    continue
                path = ("output", at)
                if file is effective:
                    reason = "names a file, and a configuration file only chooses formats: use `--output FORMAT:FILE`"
                    raise file.error(path, f"`{brief(value)}` {reason}")
                reason = f"`{brief(value)}` is ignored: a configuration file only chooses formats"
                yield f"{file.place(path)}: output: {reason}"


def _all_rules(configurations: list[Resolved]) -> tuple[Rule, ...]:
    """The rules that are known in any of the folders: the command line applies to all of them."""
    from hpolint.registry.choosing import known_rules

    rules: dict[str, Rule] = {}
    for resolved in configurations:
        rules |= {rule.id: rule for rule in known_rules(resolved.settings)}
    return tuple(rules.values())


@contextmanager
def reported_at(resolved: Resolved, key: str) -> Iterator[None]:
    """Add the place of a setting to a ConfigError about its value."""
    try:
        yield
    except ConfigError as error:
        setting = resolved.layer.get((key,))
        if setting is None or setting.origin.file is None:
            raise
        raise setting.origin.file.error(setting.origin.path, str(error).removeprefix(f"{key}: ")) from None


def _policy_folder_error(resolved: Resolved, error: PolicyFolderError) -> ConfigError:
    """The error with the place of the setting that names the folder."""
    setting = resolved.layer.get(("policies",))
    if setting is None or setting.origin.file is None or error.folder not in setting.value:
        return error
    path = (*setting.origin.path, setting.value.index(error.folder))
    return setting.origin.file.error(path, f"{error.folder}: {error.reason}")


def _check_policy_folders(resolved: Resolved) -> None:
    """Raise ConfigError for a policy folder that does not exist."""
    setting = resolved.layer.get(("policies",))
    if setting is None or setting.origin.file is None:
        return
    for at, folder in enumerate(setting.value):
        if not disk.is_folder(folder):
            raise setting.origin.file.error((*setting.origin.path, at), f"{folder}: no such folder")


def _problems(
    resolved: Resolved, own: tuple[Rule, ...], anywhere: tuple[Rule, ...]
) -> Iterator[tuple[SetValue, KeyPath, str]]:
    """The invalid names and options of a folder: the setting, the path within it, and the reason.

    ``own`` are the folder's rules, for settings from files; ``anywhere`` all rules, for those of the command line.
    """
    for key, setting in resolved.layer.items():
        rules = own if setting.origin.file is not None else anywhere
        for path, reason in _reasons(key, setting, resolved, rules):
            if reason is not None:
                yield setting, path, reason


def _reasons(
    key: tuple[str, ...], setting: SetValue, resolved: Resolved, rules: tuple[Rule, ...]
) -> Iterator[tuple[KeyPath, str | None]]:
    """The path of each name or option that a setting has, and why it is invalid; None for a valid one."""
    from hpolint.registry.choosing import name_error

    named = list(_named(key, setting.value))
    for path, name in named:
        yield path, name_error(name, rules, category=key[0] != "suppressions")
    if key[0] in SELECTING:
        for path, name in named:
            yield path, _missing_option(name, resolved, rules)
    elif key[0] == "rules":
        yield key, _option_problem(key, setting, rules, resolved.layer)
    elif key[0] == "waivers":
        for waiver in setting.value:
            if reason := name_error(waiver.rule, rules, category=False):
                yield key, f"{waiver.place}: {reason}"


def _named(key: tuple[str, ...], value: Any) -> Iterator[tuple[KeyPath, str]]:
    """The rules and categories that a setting names, each with its path."""
    if key[0] in TABLES:
        yield key, key[1]
    elif key[0] == "suppressions":
        for at, entry in enumerate(value):
            for name in entry.suppression.names:
                yield (*key, at, "rules"), name
    elif key[0] in (*LISTS, "per-file-ignores"):
        names = value if key[0] in LISTS else value.names
        for at, name in enumerate(names):
            yield (*key, at), name


def _missing_option(name: str, resolved: Resolved, rules: tuple[Rule, ...]) -> str | None:
    """The problem of a rule that is selected by its own name without a required option; None if it has all."""
    from hpolint.registry.choosing import options_of

    for rule in rules:
        if name not in (rule.name, rule.id):
            continue
        for option in rule.required_options:
            if option not in options_of(rule, resolved.settings.rules):
                return f'`{name}` needs the option `{option}`: set it in [rules."{rule.id}"]'
    return None


def renamed_options(resolved: Resolved, rules: tuple[Rule, ...]) -> Iterator[str]:
    """A notice for each option that is set by its former name."""
    for key, setting in resolved.layer.items():
        if key[0] != "rules":
            continue
        _, name, option = key
        for rule in rules:
            if name in (rule.name, rule.id) and option in rule.renamed_options:
                yield f"{setting.origin.text}: `{option}` is now `{rule.renamed_options[option]}`"


def _option_problem(key: tuple[str, ...], setting: SetValue, rules: tuple[Rule, ...], layer: Layer) -> str | None:
    """The problem of ``rules.NAME.OPTION``; None for a valid value."""
    from hpolint.config.keys import did_you_mean
    from hpolint.registry.choosing import name_error
    from hpolint.registry.rule_options import value_error

    _, name, option = key
    if reason := name_error(name, rules, category=option == "locked"):
        return reason
    if option == "locked":
        return None
    rule = next(rule for rule in rules if name in (rule.name, rule.id))
    if option in TABLE_OF_OPTION and option not in rule.options:
        table = TABLE_OF_OPTION[option]
        return f'`{option}` is no option of a rule: write `{table}."{rule.id}" = …`, outside of this table'
    present = rule.renamed_options.get(option, option)
    also = layer.get(("rules", name, present))
    if present != option and also is not None and also.origin.file is setting.origin.file:
        return f"`{option}` is now `{present}`, which is also set"
    if present not in rule.options:
        known = ", ".join(f"`{name}`" for name in rule.options) or "none"
        if option in rule.removed_options:
            return f"`{rule.id}` no longer has the option `{option}`: it has {known}"
        suffix = did_you_mean(option, [*rule.options, "locked"]) or f": it has {known}"
        return f"`{rule.id}` has no option `{option}`{suffix}"
    return value_error(setting.value, rule.options[present].kind)
