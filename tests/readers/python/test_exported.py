"""A notebook that was exported as a script, whose cells with a magic are texts: read as the notebook is."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.model.node import Scalar, Unknown, walk
from hpolint.model.source import Source
from hpolint.readers import read_source
from hpolint.readers.python.nbconvert import MAX_CELL_LINES, exported_cells, script_units
from tests.conftest import Command
from tests.readers.python.test_python import HEAD, TUNER, notebook, read

RUN = "get_ipython().run_cell_magic('{}', '', {})\n"


def exported(*cells: str) -> str:
    """What nbconvert makes of some cells: those with ``%%time`` are texts."""
    parts = []
    for number, cell in enumerate(cells, 1):
        body = RUN.format("time", repr(cell.removeprefix("%%time\n"))) if cell.startswith("%%time\n") else cell
        parts.append(f"# In[{number}]:\n\n\n{body}\n\n")
    return "#!/usr/bin/env python\n# coding: utf-8\n\n" + "".join(parts)


CELLS = (HEAD, "%%time\ntop = 'ümlaut\\n' and 40\n" + TUNER, "%%time\ntuner.fit('s3://b/train')\n")


def test_a_script_gives_what_its_notebook_gave() -> None:
    """Each value, and each at its own place within the text that holds it."""
    (job,) = read(exported(*CELLS)).jobs
    (wanted,) = read(notebook(*CELLS), "x.ipynb").jobs
    values = [(path, node.value) for path, node in walk(job.request) if isinstance(node, Scalar)]
    assert values == [(path, node.value) for path, node in walk(wanted.request) if isinstance(node, Scalar)]
    source = job.source
    written = [node for _, node in walk(job.request) if isinstance(node, Scalar) and node.origin.name == "WRITTEN"]
    numbers = [node for node in written if isinstance(node.value, int) and not isinstance(node.value, bool)]
    assert numbers
    assert all(source.read(node.span) == str(node.value) for node in numbers)


@given(
    st.text(st.characters(codec="utf-8") | st.sampled_from("\\'\"\n\t\r"), max_size=30), st.sampled_from([repr, ascii])
)
def test_each_character_has_its_place_in_the_literal(text: str, spell: object) -> None:
    """In any spelling: with an escape, or as it is."""
    literal = spell(text)  # type: ignore[operator]
    source = Source("x.py", RUN.format("time", literal))
    (cell,) = [unit for unit in script_units(source) if unit.text == text][:1]
    for offset, character in enumerate(text):
        begin, end = cell.place(offset)
        assert ast.literal_eval(literal[0] + source.text[begin:end] + literal[0]) == character


@pytest.mark.parametrize(
    "line",
    [
        RUN.format("bash", "'x = 2'"),
        RUN.format("time", "'''x = 2'''"),
        RUN.format("time", "f'x = 2'"),
        RUN.format("time", "'x' ' = 2'"),
        RUN.format("time", "r'x = \\d'"),
        "if a:\n    " + RUN.format("time", "'x = 2'"),
        "y = 1; " + RUN.format("time", "'x = 2'"),
        RUN.format("time", "'x = 2'").rstrip() + "; y = 1\n",
        "shell.run_cell_magic('time', '', 'x = 2')\n",
        "run_cell_magic = (\n",
    ],
)
def test_what_is_no_such_cell_is_left_as_it_is(line: str) -> None:
    """Another magic, a text that is put together, a call that others stand beside: none of it is run as a cell."""
    assert exported_cells(Source("x.py", line)) == []
    assert [unit.text for unit in script_units(Source("x.py", line))] == [line]


def test_a_reason_names_the_line_of_the_file() -> None:
    """Behind a cell, too, whatever lines that has."""
    text = exported(HEAD, "%%time\nx = 1\ny = 2\n", "n = 4\nif today:\n    n = 5\n" + TUNER.replace("20", "n"))
    (job,) = read(text).jobs
    reasons = [str(node) for _, node in walk(job.request) if "differs" in str(node)]
    lines = text.split("\n")
    assert reasons
    assert all(f"{lines.index('n = 4') + 1} and {lines.index('    n = 5') + 1}" in each for each in reasons)


def test_what_a_cell_that_is_no_python_sets_is_unknown() -> None:
    """Never what it was before: the cell would set it."""
    text = exported(HEAD + "n = 4\n", "%%time\nn = (\n", TUNER.replace("20", "n"))
    (job,) = read(text).jobs
    line = text.split("\n").index(RUN.format("time", repr("n = (\n")).rstrip()) + 1
    reasons = [node.reason for _, node in walk(job.request) if isinstance(node, Unknown)]
    assert f"is set in the cell in line {line}, which is not Python" in " ".join(reasons)


def test_too_many_cells_are_no_cells() -> None:
    """The work is cells times lines, so above the limit the file is read as one piece of Python."""
    text = RUN.format("time", "'x = 1'") * 1_200
    assert len(text.splitlines()) ** 2 > MAX_CELL_LINES
    assert len(script_units(Source("x.py", text))) == 1
    assert read_source("x.py", f"{HEAD}{text}{TUNER}".encode())[1].jobs


def test_an_estimator_that_trains_in_a_cell_is_left(hpolint: Command) -> None:
    """A fix sees what the texts do, too."""
    made = "estimator = Estimator('i', 'r/r', 1, 'ml.p3.2xlarge', max_run=3600)\n"
    tuner = "tuner = HyperparameterTuner(estimator, 'm', ranges, max_jobs=40)\ntuner.fit()\n"
    for after, is_left in (("print(1)", False), ("estimator.fit()", True)):
        text = exported(HEAD + "from sagemaker.estimator import Estimator\n" + made, tuner, f"%%time\n{after}")
        hpolint.write("t.py", text)
        hpolint("check", "--fix", "--unsafe-fixes", "--select", "missing-spot", "t.py")
        assert ((hpolint.folder / "t.py").read_text("utf-8") == text) == is_left
