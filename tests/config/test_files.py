"""Reading a configuration file: an error is reported with its place and the similar valid name."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.syntax.toml_syntax import key_places
from tests.conftest import Command

WRONG = {
    "misspelt": ("fail_on = 'note'\n", 1, "unknown setting `fail_on`; did you mean `fail-on`?"),
    "level": ("\n[levels]\nmissing-spot = 'fatal'\n", 3, '"fatal" is not one of error, warning, note'),
    "nearly a level": ("fail-on = 'warn'", 1, "did you mean `warning`?"),
    "no list": ("select = 'scale'", 1, 'expected a list, got "scale"'),
    "no text": ("ignore = [\n  'scale',\n  3,\n]", 3, "expected a non-empty string, got 3"),
    "no truth": ("require-reasons = 1", 1, "expected true or false, got 1"),
    "rule": ("select = ['scale', 'missing-spots']", 1, "did you mean `compute/missing-spot`?"),
    "rule of a level": ("levels.linear-lerning-rate = 'note'", 1, "did you mean `scale/linear-learning-rate`?"),
    "rule of a table": ("[rules.nonsense]\na = 1", 2, "no rule `nonsense`"),
    "rule for a file": ("[per-file-ignores]\n'*.py' = ['spot', 'nonsense']", 2, "no rule or category `spot`"),
    "option": (
        "[rules.excessive-parallelism]\nmin_round = 3",
        2,
        "has no option `min_round`; did you mean `min_rounds`?",
    ),
    "option's type": ("rules.excessive-parallelism.min_rounds = 2.5", 1, "expected an integer, got 2.5"),
    "option's truth": ("rules.excessive-parallelism.min_rounds = true", 1, "expected an integer, got true"),
    "options of a category": ("rules.scale.min_decades = 1", 1, "no rule `scale`"),
    "lock": ("rules.missing-spot.locked = 'yes'", 1, 'expected true or false, got "yes"'),
    "pattern": ("exclude = ['!']", 1, "not a .gitignore pattern"),
    "syntax": ("select = [\n", 2, "invalid TOML"),
    "version": ("required-version = '>=99'", 1, ">=99 is required, and this is hpolint"),
    "no version": ("required-version = 'new'", 1, "not a version specifier"),
    "extended": ("\nextend = 'nowhere.toml'", 2, "nowhere.toml: no such file"),
    "itself": ("extend = ['hpolint.toml']", 1, "the file extends itself"),
    "package": ("extend = 'package:no_such_package/hpolint.toml'", 1, "package `no_such_package` is not installed"),
    "not of a package": ("extend = 'package:a.b'", 1, "is not package:NAME/FILE"),
    "policies": ("\npolicies = [\n'nowhere']", 3, "nowhere: no such folder"),
    "undecided of a rule": (
        "\n[rules.missing-spot]\nundecided = 'error'",
        3,
        '`undecided` is no option of a rule: write `undecided."compute/missing-spot" = …`',
    ),
    "output": ("\noutput = ['text', 'jsn']", 2, '"jsn" is not one of text, json, sarif'),
    "output's nearest": ("output = ['jsn']", 1, "did you mean `json`?"),
    "the SDK's file": ("\nsdk-config = 'nowhere.yaml'", 2, "sdk-config: nowhere.yaml: cannot be read"),
    "baseline": ("\nbaseline = 'nowhere.json'", 2, "baseline: nowhere.json: cannot be read"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_error_is_reported_with_its_place(hpolint: Command, name: str) -> None:
    """File, line and the nearest name; nothing is checked, and the exit code is 2."""
    text, line, reason = WRONG[name]
    hpolint.write("hpolint.toml", text)
    run = hpolint("check")
    errors = run.stderr.decode()
    assert run.returncode == 2
    assert run.stdout == b""
    assert reason in errors
    assert line is None or f"hpolint.toml:{line}: " in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("name", WRONG)
def test_in_pyproject_the_lines_are_the_files(hpolint: Command, name: str) -> None:
    """The same below ``[tool.hpolint]``, where tables have longer names."""
    text, line, reason = WRONG[name]
    if "\n[" in text or text.startswith("[") or name == "itself":
        text = text.replace("[rules.", "[tool.hpolint.rules.").replace("[levels]", "[tool.hpolint.levels]")
        text = text.replace("[per-file-ignores]", "[tool.hpolint.per-file-ignores]").replace(
            "hpolint.toml", "pyproject.toml"
        )
    hpolint.write("pyproject.toml", "[project]\nname = 'x'\n[tool.hpolint]\n" + text)
    errors = hpolint("check").stderr.decode()
    assert reason in errors
    assert line is None or f"pyproject.toml:{line + 3}: " in errors


BAD_FILES = {
    "bytes": b"select = ['\xff']",
    "deep": b"select = " + b"[" * 100_000,
    "large": b"# " + b"x" * 1024 * 1024,
    "marks": b"\xef\xbb\xbfselect = ['nonsense']",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_no_fault_of_ours(hpolint: Command, name: str) -> None:
    """Any bytes: a line that names the file, exit code 2, never an internal error."""
    hpolint.write("hpolint.toml", BAD_FILES[name])
    run = hpolint("check")
    assert run.returncode == 2
    assert run.stderr.startswith(b"hpolint: hpolint.toml:")
    assert b"internal error" not in run.stderr


def test_a_pyproject_of_others_is_not_read(hpolint: Command) -> None:
    """One without ``[tool.hpolint]``, or that is no TOML and does not name hpolint, says nothing."""
    hpolint.write("pyproject.toml", "[tool.ruff]\nline-length = 120\n")
    assert hpolint("check").returncode == 0
    hpolint.write("pyproject.toml", "{{ cookiecutter.name }}")
    assert hpolint("check").returncode == 0


def test_hpolint_toml_outweighs_the_table_beside_it(hpolint: Command) -> None:
    """A notice says that the table is ignored."""
    hpolint.write("hpolint.toml", "fail-on = 'note'")
    hpolint.write("pyproject.toml", "[tool.hpolint]\nfail-on = 'error'")
    run = hpolint("check")
    assert run.returncode == 0
    assert run.stderr.decode() == (
        "hpolint: pyproject.toml: [tool.hpolint] is ignored, because hpolint.toml is in the same folder\n"
    )


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("fail-on='warn'", "did you mean `warning`?"),
        ("nonsense=1", "unknown setting `nonsense`"),
        ("rules.missing-spot.nonsense=1", "no option `nonsense`"),
        ("select=[nonsense]", "neither a file nor a setting in TOML"),
        ("nowhere.toml", "nowhere.toml: cannot be read"),
    ],
)
def test_a_single_setting_has_the_same_checks(hpolint: Command, setting: str, reason: str) -> None:
    """An error in ``--config`` quotes the setting."""
    run = hpolint("check", "--config", setting)
    assert run.returncode == 2
    assert reason in run.stderr.decode()
    assert setting in run.stderr.decode()


KEYS = st.text("ab-_9", min_size=1, max_size=3) | st.sampled_from(['"x y"', "'é.b'", '"a\\tb"'])
LEAVES = st.integers(0, 9).map(str) | st.sampled_from(['"a # b"', "'''\nx = 1\n'''", "true", "1979-05-27"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[ # comment\n  " + ",\n  ".join(items) + "\n]")
        | st.lists(st.tuples(KEYS, inner), max_size=2, unique_by=lambda pair: pair[0].strip("\"'")).map(
            lambda pairs: "{" + ", ".join(f"{key} = {value}" for key, value in pairs) + "}"
        )
    ),
    max_leaves=6,
)


@given(
    st.lists(st.tuples(st.lists(KEYS, min_size=1, max_size=2).map(".".join), st.booleans()), max_size=4),
    st.lists(st.tuples(KEYS, VALUES), max_size=6),
)
def test_every_key_of_a_document_has_its_place(headers: list[tuple[str, bool]], pairs: list[tuple[str, str]]) -> None:
    """Whatever a sound document holds: each value's path has a place, and its line begins with the key or holds it."""
    lines = [f"{key} = {value}" for key, value in pairs[:2]]
    for number, (header, several) in enumerate(headers):
        lines.append(f"[[{header}]]" if several else f"[{header}]")
        lines += [f"{key} = {value}" for key, value in pairs[2 + number : 3 + number]]
    text = "\n".join(lines)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found, rows = key_places(text), text.split("\n")
    for path in _paths(document):
        assert path in found
        line, _ = found[path]
        assert 1 <= line <= len(rows)
        if isinstance(path[-1], str) and path[-1].isalnum():
            assert path[-1] in rows[line - 1]


def _paths(value: object, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all keys and items that are written themselves."""
    found: list[tuple[str | int, ...]] = []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        path = (*above, key)
        below = _paths(item, path)
        found += below if isinstance(item, dict) and below else [path, *below]
    return found


def test_a_fifo_is_never_opened(hpolint: Command, tmp_path: Path) -> None:
    """A pipe of that name is an error, and the run does not wait for a writer."""
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes with names")
    os.mkfifo(tmp_path / "hpolint.toml")
    run = hpolint("check")
    assert (run.returncode, run.stderr) == (2, b"hpolint: hpolint.toml: not a file\n")
