"""A process that stays says at any time what a new one would say."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from hpolint.io import disk
from hpolint.run.workspace import Workspace
from tests.conftest import FIXTURES, scaled
from tests.differential.tree import LONE, PLAIN, POLICY
from tests.differential.workspace import History, shown
from tests.requests import SEED

STEPS = 2000


def test_results_are_those_of_a_new_process_after_any_history(tmp_path: Path) -> None:
    """Files and documents are edited, saved, renamed, linked and removed, with scripts, modules and configurations."""
    history = History(tmp_path.resolve(), seed=SEED)
    for number in range(scaled(STEPS) // 10):
        done, difference = history.step()
        assert difference == "", f"step {number}: {done}"
    assert history.reused > history.checked / 3


def test_a_result_that_is_stale_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison notices a workspace that never looks again."""
    monkeypatch.setattr(disk, "are_unchanged", lambda _: True)
    history = History(tmp_path.resolve(), seed=3)
    assert any(history.step()[1] for _ in range(30))


def tree(folder: Path) -> tuple[str, Path]:
    """A tuner and its script; the tuner's path, and the script's."""
    (folder / "lone.py").write_text(LONE, "utf-8")
    (folder / "tune.py").write_text(PLAIN, "utf-8")
    return str(folder / "tune.py"), folder / "lone.py"


def test_a_changed_script_renews_the_definitions_that_name_it(tmp_path: Path) -> None:
    """Whether it is changed on the disk or in a document that is not saved."""
    tuner, script = tree(tmp_path)
    workspace = Workspace([str(tmp_path)])
    before = shown(workspace.check(tuner))
    assert workspace.current(tuner) is not None
    workspace.set_text(str(script), LONE.replace("acc=0.5", "loss").encode())
    assert workspace.current(tuner) is None
    unsaved = shown(workspace.check(tuner))
    assert unsaved != before
    script.write_text(LONE.replace("acc=0.5", "loss"), "utf-8")
    workspace.remove_text(str(script))
    assert shown(workspace.check(tuner)) == unsaved


def test_nothing_depends_on_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server is started wherever the editor is."""
    tuner, _ = tree(tmp_path)
    (tmp_path / "hpolint.toml").write_text('ignore = ["strategy"]\n', "utf-8")
    first = shown(Workspace([str(tmp_path)]).check(tuner))
    monkeypatch.chdir("/")
    assert shown(Workspace([str(tmp_path)]).check(tuner)) == first


def test_an_invalid_configuration_is_an_error_until_it_is_valid(tmp_path: Path) -> None:
    """It names the file and line, also where the text is not saved."""
    tuner, _ = tree(tmp_path)
    workspace = Workspace([str(tmp_path)])
    workspace.set_text(str(tmp_path / "hpolint.toml"), b"select = 3\n")
    error = workspace.check(tuner).error
    assert error is not None
    assert "hpolint.toml:1" in error
    workspace.set_text(str(tmp_path / "hpolint.toml"), b"")
    assert workspace.check(tuner).error is None


def test_a_policy_is_renewed_while_it_is_typed(tmp_path: Path) -> None:
    """Its rules are validated anew, and an error in one is the error of its configuration."""
    tuner, _ = tree(tmp_path)
    (tmp_path / "policies/house").mkdir(parents=True)
    rule = tmp_path / "policies/house/few-trials.md"
    rule.write_text(POLICY, "utf-8")
    (tmp_path / "hpolint.toml").write_text('policies = ["policies"]\n', "utf-8")
    workspace = Workspace([str(tmp_path)])
    assert "house/few-trials" in {each.rule.id for each in workspace.check(tuner).findings}
    workspace.set_text(str(rule), POLICY.replace("> 30", "> 3000").encode())
    assert "house/few-trials" not in {each.rule.id for each in workspace.check(tuner).findings}
    workspace.set_text(str(rule), POLICY.replace("budget", "bugdet").encode())
    assert "few-trials.md" in str(workspace.check(tuner).error)


def _resident_bytes() -> int:
    """The memory of this process that is in use, after what is unreachable was freed."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.nightly
def test_memory_is_flat_over_ten_thousand_edits() -> None:
    """Of the largest fixtures, one after the other: what an edit leaves behind is freed."""
    paths = sorted((path for path in FIXTURES.rglob("*.py")), key=os.path.getsize)[-5:]
    workspace = Workspace([str(FIXTURES)])

    def edit(count: int) -> None:
        for number in range(count):
            path = paths[number % len(paths)]
            workspace.set_text(str(path), path.read_bytes() + b"# %d\n" % number)
            workspace.check(str(path))

    edit(1000)
    early = _resident_bytes()
    edit(9000)
    assert _resident_bytes() < early + 8 * 1024 * 1024
