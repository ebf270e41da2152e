"""Values that no configuration, policy, baseline or file of prices has: an error with file and line, never a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpolint import check
from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.cost.offers import read_prices
from hpolint.cost.responses import read_trials
from hpolint.model.settings import ConfigError
from hpolint.registry.policies import policies_of
from hpolint.suppressions.baseline import read_baseline
from hpolint.syntax.toml_syntax import key_places

DIGITS = "9" * 5_000
"""Python makes no integer of so many digits."""

OPTION = "[rules.excessive-parallelism]\n\nmin_rounds = "
HOURS = '[rules."policy/max-instance-hours"]\nhours = '
LONG, DEEP = "an integer of more than 64 bits", "nested more than 100 levels deep"
SETTINGS = {
    "digits": (OPTION + DIGITS, f":3: invalid TOML: {LONG}"),
    "digits with marks": (OPTION + "9_" * 5_000 + "9", f":3: invalid TOML: {LONG}"),
    "behind a text": (f'fail-on = """\n{DIGITS}\n"""\n{OPTION}-{DIGITS}', f":6: invalid TOML: {LONG}"),
    "hexadecimal": (OPTION + "0x" + "f" * 5_000, f":3: rules.excessive-parallelism.min_rounds: {LONG}"),
    "65 bits": (OPTION + str(2**63), f":3: rules.excessive-parallelism.min_rounds: {LONG}"),
    "no finite number": (HOURS + "inf", ':2: rules."policy/max-instance-hours".hours: expected a finite number'),
    "no number": (HOURS + "nan", ':2: rules."policy/max-instance-hours".hours: expected a finite number'),
    "deep list": (OPTION + "[" * 5_000 + "]" * 5_000, f":3: invalid TOML: {DEEP}"),
    "deep table": (OPTION + "{a=" * 5_000 + "1" + "}" * 5_000, f":3: invalid TOML: {DEEP}"),
    "list": (OPTION + "[" * 120 + "]" * 120, f":3: rules.excessive-parallelism.min_rounds: {DEEP}"),
    "parts": ("\n[rules" + ".a" * 5_000 + "]\n", f":2: rules{'.a' * 100}: {DEEP}"),
    "parts of a key": ("\nlevels" + ".a" * 5_000 + " = 1\n", f":2: levels{'.a' * 100}: {DEEP}"),
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("file", ["hpolint.toml", "pyproject.toml"])
def test_a_setting_beyond_all_bounds_is_an_error_of_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, file: str
) -> None:
    """In either file; the same on the command line names what was given, shortened."""
    text, reason = SETTINGS[name]
    if file == "pyproject.toml":
        text = text.replace("[rules", "[tool.hpolint.rules").replace("\nlevels.", "\ntool.hpolint.levels.")
        text = text.replace("fail-on =", "other =")
    monkeypatch.chdir(tmp_path)
    (tmp_path / file).write_text(text)
    with pytest.raises(ConfigError) as raised:
        check(["."])
    assert str(raised.value).startswith(f"{file}{reason}")


@pytest.mark.parametrize("value", [DIGITS, "0x" + "f" * 5_000, "[" * 5_000, "[" * 120 + "]" * 120])
def test_a_setting_of_the_command_line_is_named_in_short(value: str) -> None:
    """However long it is."""
    with pytest.raises(ConfigError, match=r"^--config rules\.x\.min_rounds=") as raised:
        Configurations(CheckOptions(configs=(f"rules.x.min_rounds={value}",)))
    assert len(str(raised.value)) < 400


def test_a_program_gives_no_integer_that_a_file_could_not() -> None:
    """Nor one in a list."""
    with pytest.raises(ConfigError, match=r"^rules\.x\.n\.0: an integer of more than 64 bits"):
        check({}, {"rules": {"x": {"n": [2**64]}}})


def test_the_places_of_a_key_of_many_parts_are_found() -> None:
    """However deep it is."""
    path = ("a",) * 5_000
    assert key_places(".".join(path) + " = 1\n")[path] == (1, 1)


RULE = """---
summary: The test's rule
level: warning
precision: high
scope: job
when: budget.trials != null && budget.trials < options.least
options:
  least:
    default: VALUE
    help: A number
message: [Few trials]
sources: [https://example.com]
since: "0.1.0"
---
"""
FRONT = {
    "digits": (DIGITS, ":9:14: this number is too large"),
    "deep": ("[" * 5_000, ":9:2"),
    "aliases": ("&a [" + "x, " * 600 + "]\n  b: &b [" + "*a, " * 600 + "]\n  c: [" + "*b, " * 600 + "]", ":1"),
    "65 bits": (str(2**64), ":9:14: this integer needs more than 64 bits"),
    "infinity": (".inf", ":9:14: "),
}


@pytest.mark.parametrize("name", FRONT)
def test_a_rule_with_a_value_beyond_all_bounds_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """With its file, line and column."""
    monkeypatch.chdir(tmp_path)
    value, place = FRONT[name]
    path = tmp_path / "acme" / "few.md"
    path.parent.mkdir()
    path.write_text(RULE.replace("VALUE", value))
    with pytest.raises(ConfigError) as raised:
        policies_of([str(tmp_path)])
    assert str(raised.value).startswith(f"{path.as_posix()}{place}")


NUMBERS = {
    "digits": (DIGITS, "a number that is too long to be read"),
    "below": ("-" + DIGITS, "a number that is too long to be read"),
    "deep": ("[" * 100_000 + "]" * 100_000, "nested too deep to be read"),
    "deep objects": ('{"a": ' * 100_000 + "1" + "}" * 100_000, "nested too deep to be read"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_json_file_with_a_value_beyond_all_bounds_is_named(tmp_path: Path, name: str) -> None:
    """A baseline, a file of prices and a response: with its line where that is known."""
    value, reason = NUMBERS[name]
    line = 1 if name.startswith("deep") else 2
    path = tmp_path / "file.json"
    for read, text in (
        (read_baseline, '{"version": 1,\n"baseline": [VALUE]}'),
        (read_prices, '{"products":\nVALUE, "terms": {}}'),
        (read_trials, '{"TrainingJobSummaries":\n[VALUE]}'),
    ):
        path.write_text(text.replace("VALUE", value))
        with pytest.raises(ConfigError) as raised:
            read(str(path))
        assert str(raised.value) == f"{path}:{line}: invalid JSON: {reason}"


@pytest.mark.parametrize("value", ["9" * 400, "1e400", "Infinity", "NaN", '"0001-01-01T00:00:00"'])
def test_a_time_that_is_none_is_named(tmp_path: Path, value: str) -> None:
    """As many digits as Python reads, and no number of seconds."""
    path = tmp_path / "trials.json"
    path.write_text(f'{{"TrainingJobSummaries": [{{"TrainingStartTime": {value}, "TrainingEndTime": {value}}}]}}')
    with pytest.raises(ConfigError, match=r"trial 1 has an invalid time|no trial in it"):
        read_trials(str(path))
