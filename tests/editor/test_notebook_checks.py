"""What JupyterLab's extension is told about an open notebook."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from hpolint.editor.notebook_checks import CellText, NotebookChecks, NotebookText, Preferences
from hpolint.editor.positions import Position, Range
from hpolint.editor.range_pictures import IMAGE, range_picture
from hpolint.editor.rule_texts import rule_text
from tests.conftest import FIXTURES, ROOT, Command
from tests.fixes.test_script_fixes import SCRIPT, TUNER
from tests.harness.notebooks import notebook as page_of
from tests.readers.python.test_earlier_runs import JOB, RANGES, ROWS, cell, page

VISION = FIXTURES / "notebook" / "vision.ipynb"
EVERYWHERE = Range(Position(0, 0), Position(1000, 0))
NONE = Preferences()


def opened(path: Path, folder: Path, **replaced: str) -> NotebookText:
    """A notebook as an editor sends it, with the path that it has below a folder and some texts replaced."""
    notebook = json.loads(path.read_text("utf-8"))
    cells = []
    for written in notebook["cells"]:
        text = "".join(written["source"])
        for old, new in replaced.items():
            text = text.replace(old, new)
        cells.append(CellText(text, written["cell_type"] == "code"))
    return NotebookText(path.relative_to(folder).as_posix(), tuple(cells), notebook["metadata"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a notebook."""
    (tmp_path / ".git").mkdir()
    shutil.copy(VISION, tmp_path / "vision.ipynb")
    return tmp_path


@pytest.mark.parametrize("path", [VISION, FIXTURES / "script" / "notebook" / "tune.ipynb"])
def test_an_open_notebook_has_the_findings_of_its_file(path: Path, hpolint: Command) -> None:
    """Each at the same rule, level and number of its cell, whatever the notebook's outputs."""
    report = NotebookChecks(str(FIXTURES)).report(opened(path, FIXTURES), NONE)
    shown = [(d.code, d.level, cell) for cell, own in enumerate(report.cells, 1) for d in own]
    found = json.loads(hpolint("check", str(path), "-o", "json").stdout)["findings"]
    assert sorted(shown) == sorted((f["rule"], f["level"], f["cell"]) for f in found)
    assert shown


def test_what_is_not_saved_counts_until_the_notebook_is_closed(folder: Path) -> None:
    """The open text stands for the file; afterwards the file counts again."""
    checks = NotebookChecks(str(folder))
    edited = opened(folder / "vision.ipynb", folder, **{"max_jobs=24": "max_jobs=2400"})
    assert checks.report(edited, NONE).jobs[0].trials == 2400
    checks.close("vision.ipynb")
    saved = checks._workspace(NONE).check(str(folder / "vision.ipynb")).findings
    assert "launch/job-limit-exceeded" not in {finding.rule.id for finding in saved}


def test_all_safe_fixes_leave_no_safe_fix(folder: Path) -> None:
    """The changes of the action are those of the cells, and are applied as the browser applies them."""
    checks, notebook = NotebookChecks(str(folder)), opened(folder / "vision.ipynb", folder)
    (action,) = checks.fix_all(notebook, NONE)
    cells = list(notebook.cells)
    for address, changes in action.changes.items():
        number = int(address.removeprefix("cell:"))
        ((place, text),) = changes
        lines = cells[number].text.split("\n")
        line = lines[place.start.line]
        assert place.start.line == place.end.line
        lines[place.start.line] = line[: place.start.character] + text + line[place.end.character :]
        cells[number] = msgspec.structs.replace(cells[number], text="\n".join(lines))
    fixed = msgspec.structs.replace(notebook, cells=tuple(cells))
    assert checks.fix_all(fixed, NONE) == []
    assert "scale/linear-learning-rate" not in {d.code for own in checks.report(fixed, NONE).cells for d in own}


def test_the_actions_at_a_place_are_those_of_its_findings(folder: Path) -> None:
    """A fix, a comment and a page for each finding of the cell, and nothing for a cell without one."""
    checks, notebook = NotebookChecks(str(folder)), opened(folder / "vision.ipynb", folder)
    kinds = [(action.rule, action.kind) for action in checks.actions(notebook, NONE, 3, EVERYWHERE)]
    assert kinds == [("compute/missing-spot", kind) for kind in ("fix", "ignore", "explain")]
    assert checks.actions(notebook, NONE, 1, EVERYWHERE) == []


def test_a_fix_of_a_training_script_changes_that_file(tmp_path: Path) -> None:
    """Its address is the path below the server's folder: the extension asks before it changes a file."""
    (tmp_path / "tune.ipynb").write_text(page_of(TUNER), "utf-8")
    (tmp_path / "train.py").write_text(SCRIPT, "utf-8")
    checks = NotebookChecks(str(tmp_path))
    actions = checks.actions(opened(tmp_path / "tune.ipynb", tmp_path), NONE, 0, EVERYWHERE)
    (fix,) = [action for action in actions if action.rule == "script/objective-rounded-down" and action.kind == "fix"]
    assert fix.title == "Divide by / in train.py (unsafe)"
    assert [[change.text for change in changes] for changes in fix.changes.values()] == [["/"]]
    assert list(fix.changes) == ["train.py"]


def test_a_notebook_of_another_kernel_has_no_findings(folder: Path) -> None:
    """Its kernel stands in the metadata that the editor sends, as in the file's."""
    notebook = opened(folder / "vision.ipynb", folder)
    other = msgspec.structs.replace(notebook, metadata={"kernelspec": {"name": "julia-1.10", "language": "julia"}})
    assert not any(NotebookChecks(str(folder)).report(other, NONE).cells)


@pytest.mark.parametrize("path", ["../outside.ipynb", "/etc/outside.ipynb", "a/../../outside.ipynb"])
def test_no_path_leaves_the_folder_of_the_server(folder: Path, path: str) -> None:
    """A browser may ask for any path; what is checked lies below the folder."""
    checks = NotebookChecks(str(folder))
    assert Path(checks.path_of(path)).is_relative_to(folder)


def test_an_invalid_configuration_is_said(folder: Path) -> None:
    """The message names the file and the line; no finding is shown that the configuration might switch off."""
    (folder / "hpolint.toml").write_text("select = 3\n")
    report = NotebookChecks(str(folder)).report(opened(folder / "vision.ipynb", folder), NONE)
    assert report.error is not None
    assert report.error.startswith("hpolint.toml:1:")
    assert not any(report.cells)


def test_the_card_of_a_job_has_the_figures_of_the_cost(folder: Path) -> None:
    """Trials, rounds, worst case and findings stand at the call that launches."""
    report = NotebookChecks(str(folder)).report(opened(folder / "vision.ipynb", folder), NONE)
    (card,) = report.jobs
    assert (card.location.uri, card.trials, card.parallel, card.rounds, card.spot) == ("cell:7", 24, 12, 2, False)
    assert card.worst.startswith("≤ 192 h · ≈ ")
    assert sum(card.levels.values()) == sum(map(len, report.cells))


def test_a_picture_shows_where_the_trials_lie_on_each_scale(folder: Path) -> None:
    """Of a wide range a linear scale has all trials at its upper end, a logarithmic one half of them."""
    report = NotebookChecks(str(folder)).report(opened(folder / "vision.ipynb", folder), NONE)
    rate, momentum = report.ranges
    assert (rate.name, rate.scale, momentum.name) == ("lr", "Linear", "momentum")
    assert "Linear: 20 in the upper half; Logarithmic: 10 in the upper half" in rate.text
    assert len(ElementTree.fromstring(rate.svg).findall("{*}circle")) == 60


@pytest.mark.parametrize(
    ("low", "high", "rows"), [(0.0, 1.0, 1), (-1.0, 1.0, 1), (1.0, 2.0, 2), (0.0, 0.99, 2), (1e-9, 0.999, 3)]
)
def test_a_picture_has_the_scales_that_the_service_takes(low: float, high: float, rows: int) -> None:
    """A logarithmic scale needs a lower bound above 0, a reverse logarithmic one bounds from 0 to below 1."""
    picture = ElementTree.fromstring(range_picture("<script>", low, high, None, IMAGE))
    circles = picture.findall("{*}circle")
    assert len(circles) == 20 * rows
    assert all(0 <= float(circle.get("cx", "-1")) <= 480 for circle in circles)


def test_a_rules_page_is_that_of_the_command(hpolint: Command) -> None:
    """It needs no network; there is none for a name that no rule has."""
    assert rule_text("compute/missing-spot") == hpolint("rule", "missing-spot").stdout.decode()
    assert rule_text("compute/no-such-rule") is None


def test_a_rule_of_the_organisation_has_its_page_too(folder: Path) -> None:
    """It is shown as it is written in the policy, once the rule has reported something."""
    policy = folder / "policies" / "acme" / "repeatable.md"
    policy.parent.mkdir(parents=True)
    rule = (ROOT / "rules" / "policy" / "require-random-seed.md").read_text("utf-8")
    policy.write_text(rule.replace("## Why\n", "## Why\nOur data stays here.\n"))
    (folder / "hpolint.toml").write_text('policies = ["policies"]\nselect = ["acme/repeatable"]\n')
    checks = NotebookChecks(str(folder))
    notebook = opened(folder / "vision.ipynb", folder)
    assert checks.rule_text("acme/repeatable") is None
    report = checks.report(notebook, NONE)
    ((cell, diagnostic),) = [(cell, own) for cell, each in enumerate(report.cells) for own in each]
    actions = checks.actions(notebook, NONE, cell, diagnostic.range)
    assert [action.rule for action in actions if action.kind == "explain"] == ["acme/repeatable"]
    assert "Our data stays here." in (checks.rule_text("acme/repeatable") or "")


def test_a_scale_that_is_chosen_in_the_picture_is_written(folder: Path) -> None:
    """Where none stands it is added; for a range that has gone the reason is said."""
    checks, notebook = NotebookChecks(str(folder)), opened(folder / "vision.ipynb", folder)
    _, momentum = checks.report(notebook, NONE).ranges
    change = checks.scale_change(notebook, NONE, 5, momentum.location.range, "ReverseLogarithmic")
    ((_, text),) = change.changes["cell:5"]
    assert text == ', scaling_type="ReverseLogarithmic"'
    assert checks.scale_change(notebook, NONE, 1, EVERYWHERE, "Linear").reason != ""


def test_what_earlier_trials_have_shown_stands_in_the_picture(tmp_path: Path) -> None:
    """The best of the table in the saved notebook, though the editor sends no outputs."""
    job = JOB.format(name="tuner", ranges=RANGES, type="Minimize", trials=len(ROWS))
    cells = [cell(job, 1), cell("tuner.analytics().dataframe()", 2, page(ROWS))]
    (tmp_path / "run.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
    texts = tuple(CellText(own["source"]) for own in cells)
    report = NotebookChecks(str(tmp_path)).report(NotebookText("run.ipynb", texts), NONE)
    rate = next(picture for picture in report.ranges if picture.name == "lr")
    assert rate.best == [pytest.approx(0.01 + number / 50) for number in (1, 2, 3)]
    assert rate.svg.count("stroke-width") == 3
