"""The text that jupyterlab-lsp makes of a notebook is read as the notebook."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.server.pylsp_plugin import pylsp_lint
from hpolint.server.shown_elsewhere import NOTEBOOKS_SHOWN
from hpolint.server.virtual_notebook import cells_as_saved, cells_of_text
from tests.differential.tree import LONE, PLAIN

WRITTEN = f"%%writefile lone.py\n{LONE.strip()}"
CELLS = ["!pip install sagemaker", WRITTEN, "%matplotlib inline", PLAIN.strip(), "%%time\ntuner.wait()"]
BLANK = "\n\n\n"


def virtual(cells: list[str]) -> str:
    """The text that the extension sends, by the replacements of its source."""
    return BLANK.join(map(replaced, cells)) + "\n"


def replaced(cell: str) -> str:
    """One cell of it."""
    magic = re.match(r"%%(\S+)(.*)\n([\s\S]*)", cell)
    if magic is not None and magic[1] in ("time", "capture", "timeit", "prun"):
        return f'# START_CELL_MAGIC("{magic[1]}", "{escaped(magic[2])}")\n{magic[3]}\n# END_CELL_MAGIC'
    if magic is not None:
        content = magic[3].replace('"""', '\\"\\"\\"')
        return f'get_ipython().run_cell_magic("{magic[1]}", "{escaped(magic[2])}", """{content}""")'
    lines = []
    for line in cell.split("\n"):
        command, name = re.match(r"!(.*)", line), re.match(r"%(\S+)(.*)", line)
        if command is not None:
            line = f'get_ipython().getoutput("{escaped(command[1])}")'
        elif name is not None:
            line = f'get_ipython().run_line_magic("{name[1]}", "{escaped(name[2])}")'
        lines.append(line)
    return "\n".join(lines)


def escaped(text: str) -> str:
    """The arguments of a magic in a string."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def test_the_cells_are_those_of_the_notebook() -> None:
    """Cells with a magic have its text again; what lies between them is one cell."""
    found = [cell.text.strip() for cell in cells_of_text(virtual(CELLS))]
    assert found[0] == CELLS[0]
    assert found[1] == WRITTEN
    between = "\n".join([CELLS[2], CELLS[3]])
    assert [line for line in found[2].split("\n") if line] == [line for line in between.split("\n") if line]
    assert found[3] == CELLS[4]


STARTS = ["", "%%writefile a.py\n", "%%time\n", "%%bash\n", "!", "%cd "]


def test_cells_have_the_numbers_of_the_saved_notebook() -> None:
    """Also if they contain blank lines themselves; other cells than the saved ones have none."""
    cells = [*CELLS, "a = 1\n\n\n\ndef f():\n    pass", "last"]
    found = cells_as_saved(virtual(cells), cells)
    assert found is not None
    assert [cell.text for cell in found] == cells
    lines = virtual(cells).split("\n")
    assert [lines[cell.lines[-1]] for cell in found][-2:] == ["    pass", "last"]
    assert cells_as_saved(virtual(cells), cells[:-1]) is None


TEXTS = st.lists(st.tuples(st.sampled_from(STARTS), st.text("ab\"'\\ \n#=x", max_size=30)), max_size=6)


@given(TEXTS)
def test_each_line_of_a_cell_has_its_line_in_the_text(parts: list[tuple[str, str]]) -> None:
    """Whatever is in the cells: a diagnostic is shown at a line that exists, and in order."""
    text = virtual([start + rest for start, rest in parts])
    count = text.count("\n") + 1
    lines = [line for cell in cells_of_text(text) for line in cell.lines]
    assert all(0 <= line < count for line in lines)
    assert lines == sorted(lines)
    for cell in cells_of_text(text):
        assert len(cell.lines) == cell.text.count("\n") + 1


def test_the_plugin_shows_the_findings_of_the_notebook(tmp_path: Any) -> None:
    """At the lines of the text that it was sent, with the script that an earlier cell writes."""
    (tmp_path / ".virtual_documents").mkdir()
    path = tmp_path / ".virtual_documents" / "tune.ipynb"
    text = virtual([cell.replace('"acc=(.*)"', '"loss=(.*)"') if "Tuner" in cell else cell for cell in CELLS])
    found = pylsp_lint(
        SimpleNamespace(root_path=str(tmp_path)), SimpleNamespace(path=str(path), source=text, uri=path.as_uri())
    )
    lines = text.split("\n")
    by_rule = {each["code"]: lines[each["range"]["start"]["line"]] for each in found}
    assert "Regex" in by_rule["script/metric-not-printed"]
    assert "max_parallel_jobs" in by_rule["strategy/excessive-parallelism"]


def test_the_plugin_leaves_notebooks_to_jupyterlabs_extension(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the file is there that it names to the processes of its server; modules are checked all the same."""
    text = virtual([cell.replace('"acc=(.*)"', '"loss=(.*)"') if "Tuner" in cell else cell for cell in CELLS])
    notebook, module = tmp_path / ".virtual_documents" / "tune.ipynb", tmp_path / "tune.py"
    workspace = SimpleNamespace(root_path=str(tmp_path))
    virtual_notebook = SimpleNamespace(path=str(notebook), source=text, uri=notebook.as_uri())
    shown = tmp_path / "shown"
    monkeypatch.setenv(NOTEBOOKS_SHOWN, str(shown))
    assert pylsp_lint(workspace, virtual_notebook)
    shown.touch()
    assert pylsp_lint(workspace, virtual_notebook) == []
    launch = "\n".join(cell for cell in CELLS if "%%" not in cell)
    assert pylsp_lint(workspace, SimpleNamespace(path=str(module), source=launch, uri=module.as_uri()))
