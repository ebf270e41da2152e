"""Undefined names: each one that is reported stops the script when Python runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.model.training_script import Missing
from tests.script.test_arguments import read

STATEMENTS = st.sampled_from(
    [
        "a = 1",
        "print(a)",
        "print(b)",
        "b = a",
        "def f():\n    return a",
        "def f(a):\n    b = a\n    return c",
        "def f():\n    global c\n    c = 1",
        "f()",
        "f(2)",
        "print([a for a in range(3)], a)",
        "print([b for a in range(3)])",
        "if b:\n    a = 3",
        "try:\n    print(c)\nexcept NameError:\n    c = 1",
        "for b in range(2):\n    print(c)",
        "for c in []:\n    pass",
        "with open('/dev/null') as c:\n    print(a)",
        "class A:\n    a = 1\n    def f(self):\n        return b",
        "A().f()",
        "print(True or c, False and c, 1 if True else c)",
        "(lambda a: b)",
        "(lambda c: c)(1)",
        "import os as c",
        "del a",
        "b: int = 3",
        "def g():\n    yield c",
        "g()",
        "x = y = c",
        "(c := 2)",
        "match 1:\n    case c:\n        pass",
        "import sys\nsys.exit(0)",
        "a += 1",
    ]
)


def missing(text: str) -> tuple[Missing, ...]:
    """The names of a script without a value."""
    found = read(text).errors.undefined
    assert isinstance(found, tuple)
    return found


def end(text: str, **names: object) -> type[BaseException] | None:
    """The error by which a script ends that is run with some names; None where it comes to its end."""
    try:
        exec(compile(text, "train.py", "exec"), {"__name__": "__main__", **names})
    except Exception as error:  # noqa: BLE001 - whichever it is
        return type(error)
    return None


@given(st.lists(STATEMENTS, max_size=8))
def test_a_reported_name_stops_the_script(statements: list[str]) -> None:
    """A script with a reported name raises a NameError when it is run.

    Another error occurs before the name is read: then it also occurs with a value for the name.
    """
    text = "\n".join(statements) + "\n"
    reported = missing(text)
    if reported and end(text) not in (NameError, UnboundLocalError):
        assert end(text) is not None
        assert end(text) is end(text, **{each.name: 1 for each in reported})


MAIN = "def main():\n    loss = 1\n    train()\n\n\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"def train():\n    print(loss)\n\n\n{MAIN}main()\n", [("loss", 2, ("main",))]),
        (
            f"def train():\n    print(loss)\n\n\n{MAIN}if __name__ == '__main__':\n    main()\n",
            [("loss", 2, ("main",))],
        ),
        (
            f"def train():\n    for x in y():\n        print(f'{{loss}}')\n\n\n{MAIN}from m import y\nmain()\n",
            [("loss", 3, ("main",))],
        ),
        ("print(first, second)\nprint(first)\n", [("first", 1, ()), ("second", 1, ())]),
        (f"def train():\n    print(loss)\n\n\n{MAIN}", []),  # no call
        (f"def train():\n    print(loss)\n\n\n{MAIN}import sys\nif len(sys.argv) > 1:\n    main()\n", []),
        (f"from m import *\ndef train():\n    print(loss)\n\n\n{MAIN}main()\n", []),
        (f"globals()['loss'] = 1\ndef train():\n    print(loss)\n\n\n{MAIN}main()\n", []),
        ("exec('loss = 1')\nprint(loss)\n", []),
        ("import sys\nsys.exit(0)\nprint(loss)\n", []),
        ("if False:\n    print(loss)\n", []),
        ("def train():\n    global loss\n    loss = 1\ntrain()\nprint(loss)\n", []),
        ("def make(loss):\n    def inner():\n        return loss\n    return inner()\nmake(1)\n", []),
        ("while x():\n    print(loss)\n", [("x", 1, ())]),
        ("import tensorflow as tf\n@tf.function\ndef f():\n    return a\nf()\n", [("a", 4, ())]),
        ("import tensorflow as tf\n@tf.function(jit_compile=True)\ndef f():\n    return a\nf()\n", [("a", 4, ())]),
        ("import torch\n@torch.no_grad()\ndef f():\n    return a\nf()\n", [("a", 4, ())]),
        ("import tensorflow as tf\n@tf.function\ndef f():\n    return a\n", []),
        ("from m import function\n@function\ndef f():\n    return a\nf()\n", []),
        ("print(unicode('a'), get_ipython())\n", []),
        ("class A:\n    print(__qualname__, __module__)\n    def f(self):\n        print(__class__)\nA().f()\n", []),
        ("print(__file__, __name__, __doc__, __spec__)\n", []),
        ("from contextlib import suppress\nwith suppress(NameError):\n    print(loss)\n", []),
        ("print(lambda: loss, [loss for _ in range(3)])\n", []),
        ("def train(x: loss) -> loss:\n    y: loss = 1\ntrain(1)\n", []),
    ],
)
def test_which_names_are_reported(text: str, expected: list[tuple[str, int, tuple[str, ...]]]) -> None:
    """Names that are certainly read and bound in no visible scope, each with its first place."""
    found = [(each.name, each.site.span.line, each.owners) for each in missing(text)]
    assert found == expected


def test_the_first_name_is_the_one_that_python_stops_at(tmp_path: Path) -> None:
    """The first reported name is the one in Python's error."""
    text = "def test():\n    return loss\n\n\ndef train():\n    return rate * 2\n"
    text += "\n\ndef main(rate):\n    train()\n    test()\n"
    text += "\n\nmain(0.5)\nprint(later)\n"
    (tmp_path / "train.py").write_text(text)
    run = subprocess.run([sys.executable, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    names = [each.name for each in missing(text)]
    assert names == ["rate", "loss", "later"]
    assert f"name '{names[0]}' is not defined" in run.stderr
