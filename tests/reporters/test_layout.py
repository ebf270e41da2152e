"""What a person sees: lines that fit, few enough to read, the most severe first."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.io.escaping import visible
from hpolint.reporters.layout import Line, cells, clusters, printed, window, wrapped
from tests.conftest import Command
from tests.requests import sound
from tests.suppressions.test_comments import python

FAMILY = "👩\u200d👩\u200d👧"
WORDS = st.lists(st.text("abcdefghij日é", min_size=1, max_size=12), min_size=1, max_size=30)


@given(WORDS, st.integers(20, 60), st.integers(0, 8))
def test_words_wrap_with_a_hanging_indent(words: list[str], width: int, indent: int) -> None:
    """Every line fits, none breaks a word, and together they say the same."""
    line: Line = [(" ".join(words[:3]), "bold"), (" ".join(["", *words[3:]]), "help")]
    lines = list(wrapped(line, width, indent))
    texts = ["".join(piece[0] for piece in each) for each in lines]
    assert " ".join(" ".join(texts).split()) == " ".join(words)
    for number, text in enumerate(texts):
        assert cells(text) <= width or len(text.split()) == 1
        assert number == 0 or text.startswith(" " * indent)
        assert text == text.rstrip()


def test_without_a_width_nothing_is_broken() -> None:
    """What goes into a file or another program stays a line."""
    line: Line = [("x " * 500, "")]
    assert list(wrapped(line, None, 4)) == [line]


def test_signs_that_are_joined_stay_in_one_piece() -> None:
    """A family is one sign of two cells, wherever a line is cut; a joiner that hides elsewhere is shown."""
    assert list(clusters(f"a{FAMILY}é")) == ["a", FAMILY, "é"]
    assert cells(FAMILY) == 2
    assert cells("👍🏽") == 2
    assert visible(f"x{FAMILY}") == f"x{FAMILY}"
    assert "\u200d" not in visible("pass\u200dword")
    for width in range(20, 40):
        shown, marks = window(FAMILY * 30 + "value" + FAMILY * 30, len(FAMILY) * 30, len(FAMILY) * 30 + 5, width)
        assert cells(shown) <= width
        assert set(clusters(shown)) <= {FAMILY, "…", *"value"}
        assert marks.strip() in ("^^^^^", "^^^^", "^^^")


def test_a_link_and_colours_survive_wrapping() -> None:
    """A piece that is broken has its style on each line, and words of one style are one piece again."""
    line: Line = [("warning[", "warning"), ("scale/x", "warning", "https://e"), ("] " + "word " * 10, "bold")]
    text = "".join(printed(each, colour=True) for each in wrapped(line, 30, 4))
    assert text.count("\x1b]8;;https://e\x1b\\") == 1
    assert all(each.count("\x1b[1m") <= 1 for each in text.splitlines())


def test_a_note_takes_one_line_and_all_shows_the_rest(hpolint: Command) -> None:
    """Warnings and errors are shown in full; notes close together behind them."""
    hpolint.write("t.py", python(estimator="import sagemaker"))
    run = hpolint("check", "--select", "no-random-seed,missing-spot").stdout.decode()
    first, second = run.index("warning["), run.index("note[")
    assert first < second
    assert run[second:].split("\n")[1] in ("", "t.py")
    assert run.count("\n  |\n") + run.count("\n   |\n") == 1
    assert hpolint("check", "--select", "no-random-seed", "--all").stdout.count(b" |\n") == 1


def test_repeats_of_a_rule_in_a_file_are_listed_at_the_first(hpolint: Command) -> None:
    """The first finding lists the other places with the same message; another message is another block."""
    head = "from sagemaker.tuner import HyperparameterTuner\n"
    call = 'HyperparameterTuner(e, "auc", {}, max_jobs=100, max_parallel_jobs={}).fit()\n'
    hpolint.write("x.py", head + "".join(call.format("{}", number) for number in (50, 50, 50, 40)))
    levels = '[levels]\n"strategy/excessive-parallelism" = "warning"\n'
    hpolint.write("hpolint.toml", f"select = ['excessive-parallelism']\n{levels}")
    run = hpolint("check").stdout.decode()
    assert run.count("warning[strategy/excessive-parallelism]") == 2
    assert re.search(r"\n +  *= and in lines \d+ and \d+\n", run)
    assert "4 findings (4 warnings)" in run
    assert hpolint("check", "--all").stdout.count(b"warning[") == 4


def test_a_note_that_other_files_repeat_is_printed_once(hpolint: Command) -> None:
    """With the number of its repeats and of their files; warnings stay, and `--all` and JSON have every note."""
    for number in range(4):
        hpolint.write(f"t{number}.py", python())
    run = hpolint("check", "--select", "missing-spot,no-random-seed").stdout.decode()
    assert run.count("warning[compute/missing-spot]") == 4
    assert re.findall(r"(?m)^t0.py:.* note\[strategy/no-random-seed\] .* \(and 3 more in 3 other files\)$", run)
    assert run.count("note[") == 1
    assert "\n… `--all` prints all notes\n" in run
    everything = hpolint("check", "--select", "no-random-seed", "--all").stdout.decode()
    assert everything.count("note[") == 4
    assert "--all" not in everything
    assert len(json.loads(hpolint("check", "--select", "no-random-seed", "--output", "json").stdout)["findings"]) == 4


def test_many_findings_are_shown_as_far_as_a_person_reads(hpolint: Command) -> None:
    """The most severe first; the last line counts all of them."""
    for number in range(60):
        hpolint.write(f"t{number:02}.py", python())
    hpolint.write("z.json", json.dumps(sound() | {"Nonsense": 1}))
    run = hpolint("check", "--select", "missing-spot,invalid-request").stdout.decode()
    assert run.startswith("z.json:1:")
    assert run.count("missing-spot]") == 49
    assert "\n… and 11 more: `--all` prints all findings\n" in run
    assert "61 findings (1 error, 60 warnings)" in run


def test_an_unknown_value_is_reported_once(hpolint: Command) -> None:
    """If the same value leaves several policies undecided, the first one reports it and names the others."""
    hpolint.write("t.py", python().replace("max_jobs=100", "max_jobs=trials"))
    hpolint.write(
        "hpolint.toml",
        "select = ['max-trials', 'max-instance-hours']\nundecided.policy = 'error'\n"
        "rules.max-trials.trials = 5\nrules.max-instance-hours.hours = 5\n",
    )
    run = hpolint("check").stdout.decode()
    assert run.count("error[") == 1
    assert "  = also undecided: policy/max-trials\n" in run or "  = also undecided: policy/max-instance-hours\n" in run
    assert len(json.loads(hpolint("check", "--output", "json").stdout)["findings"]) == 2


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ((), {}, False),
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": ""}, False),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_are_as_asked(
    hpolint: Command, arguments: tuple[str, ...], environment: dict[str, str], coloured: bool
) -> None:
    """The option, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal."""
    hpolint.write("t.py", python())
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME") or "COV" in name}
    command = [sys.executable, "-m", "hpolint", "check", *arguments]
    run = subprocess.run(command, cwd=hpolint.folder, env={**kept, **environment}, capture_output=True, check=False)
    assert (b"\x1b[" in run.stdout) is coloured


def test_statistics_mark_what_can_be_fixed(hpolint: Command) -> None:
    """A star behind the number of a rule whose findings offer fixes."""
    hpolint.write("t.py", python())
    lines = hpolint("check", "--statistics", "--quiet").stdout.decode().splitlines()
    rows = {line.split()[-1]: line for line in lines if re.match(r"\s*\d+ ", line)}
    assert any(" * " in row for row in rows.values())


def test_short_options(hpolint: Command) -> None:
    """``-V`` and ``-o``, and completion for shells."""
    assert hpolint("-V").stdout == hpolint("--version").stdout
    assert json.loads(hpolint("check", "-o", "json").stdout)["version"] == 1
    assert b"hpolint" in hpolint("--show-completion", "bash").stdout


def test_the_fix_of_a_note_in_one_line_is_not_worked_out(hpolint: Command) -> None:
    """Text counts it as one that can be written at most; a report that shows it knows."""
    hpolint.write("t.py", python())
    one_line = hpolint("check", "--config", 'levels = {ALL = "note"}', "--no-cache").stdout.decode()
    assert re.search(r"at most \d+ (?:more|fixable) with `--fix --unsafe-fixes`", one_line)
    whole = hpolint("check", "--config", 'levels = {ALL = "note"}', "--no-cache", "--all").stdout.decode()
    assert re.search(r"(?<!at most )\d+ (?:more|fixable) with `--fix --unsafe-fixes`", whole)
