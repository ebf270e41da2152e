"""What a user of VS Code sees and does."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import START_SECONDS, Code, Window, bare_environment
from playwright.sync_api import Page, expect

Keep = Callable[[str], None]
Open = Callable[..., Window]

UNRELATED = '{"a": 1}\n'
MAX_SAVES = 3
PICTURE_WIDTH = 480
FIX_ON_SAVE = {"source.fixAll.hpolint": "explicit"}


def test_findings_are_seen_and_explained_without_a_network(open_window: Open, page: Page, picture: Keep) -> None:
    """The rule's page is shown beside the text: the installed hpolint prints it."""
    window = open_window("python/tune_churn.py")
    window.open("tune_churn.py")
    window.expect_started()
    expect(window.problems().filter(has_text="`eta` is searched linearly")).to_be_visible()
    picture("problems")
    window.run("View: Toggle Panel Visibility")
    page.locator(".view-line", has_text="model = Estimator").locator("span", has_text="Estimator").last.click()
    page.keyboard.press("Control+.")
    expect(page.locator(".action-widget .monaco-list-row")).to_have_count(4)  # with the title
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    shown = page.frame_locator("iframe.webview.ready").frame_locator("#active-frame")
    expect(shown.get_by_text("A tuning job runs many trials that are not urgent")).to_be_visible()
    picture("explain")


def test_a_page_is_picked_by_the_command(open_window: Open, page: Page) -> None:
    """Where the cursor is on no finding, from all rules with what they find."""
    window = open_window("python/tune_churn.py")
    window.open("tune_churn.py")
    window.expect_started()
    window.run("hpolint: Explain")
    window.pick("no-early", "strategy/no-early-stopping")
    shown = page.frame_locator("iframe.webview.ready").frame_locator("#active-frame")
    expect(shown.get_by_role("heading", name="strategy/no-early-stopping")).to_be_visible()


@pytest.mark.parametrize("theme", ["Default Light Modern", "Default Dark Modern"])
def test_a_range_is_drawn_in_its_hover(code: Code, open_window: Open, page: Page, picture: Keep, theme: str) -> None:
    """Where the trials lie on each scale, also in words for who cannot see the picture."""
    code.configure(workbench__colorTheme=theme)
    window = open_window("python/tune_churn.py")
    window.open("tune_churn.py")
    window.expect_started()
    expect(window.squiggles("info").first).to_be_visible()
    page.locator(".view-line", has_text='"eta"').locator("span", has_text='"eta"').last.hover()
    drawn = page.locator(".monaco-hover img")
    expect(drawn).to_be_visible()
    assert drawn.evaluate("image => image.complete && image.naturalWidth") == PICTURE_WIDTH
    assert "in the upper half" in drawn.get_attribute("alt")
    picture(f"hover-{theme.split()[1].lower()}")


def test_nothing_is_started_before_a_job_may_be_there(open_window: Open, page: Page) -> None:
    """A window with JSON and Python has no process of hpolint, until a text that is typed may hold a job."""
    window = open_window(settings_json=UNRELATED, tool_py="import json\n")
    window.open("settings.json")
    window.open("tool.py")
    page.wait_for_timeout(5000)
    expect(window.status).to_have_count(0)
    assert window.servers() == []
    page.locator(".view-line", has_text="import json").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("from sagemaker.tuner import HyperparameterTuner")
    window.expect_started()
    assert len(window.servers()) == 1


def test_a_file_of_the_folder_is_enough(open_window: Open) -> None:
    """Whoever opens the training script first has the server for it, too."""
    window = open_window("request/churn-xgboost.json", train_py="import json\n")
    window.open("train.py")
    window.expect_started()


def test_a_folder_is_checked_by_a_command(open_window: Open, page: Page, picture: Keep) -> None:
    """The findings of all files are among the problems; those of an open file are there once."""
    window = open_window("python/tune_churn.py", "request/churn-xgboost.json", "notebook/vision.ipynb")
    window.open("tune_churn.py")
    window.expect_started()
    window.run("hpolint: Check Folder")
    expect(window.messages.filter(has_text="in files: 3")).to_be_visible()
    expect(page.locator(".panel .composite-bar .badge-content").first).to_have_text("16")  # 5, 7 and 4
    picture("folder")


def test_an_interpreter_without_hpolint_is_one_message(
    code: Code, open_window: Open, page: Page, tmp_path: Path, picture: Keep
) -> None:
    """It says what to run, once; another interpreter starts the server by itself."""
    code.interpreter.write_text(str(bare_environment(tmp_path / "empty")))
    window = open_window("python/tune_churn.py")
    window.open("tune_churn.py")
    message = window.messages.filter(has_text='-m pip install ".[server]"')
    expect(message).to_be_visible()
    expect(message).to_contain_text(str(tmp_path / "empty"))
    expect(window.messages).to_have_count(1)
    expect(window.status.locator(".codicon-error")).to_be_visible()
    picture("missing")
    page.wait_for_timeout(3000)
    expect(window.messages).to_have_count(1)
    code.select_this()
    window.expect_started()


def test_an_environment_without_the_extra_is_one_message(
    code: Code, open_window: Open, page: Page, tmp_path: Path
) -> None:
    """It names the package to install, and the interpreter that needs it; no server is tried again and again."""
    interpreter = bare_environment(tmp_path / "plain", "pygls", "lsprotocol", "cattrs")
    code.interpreter.write_text(str(interpreter))
    window = open_window("python/tune_churn.py")
    window.open("tune_churn.py")
    message = window.messages.filter(
        has_text=re.compile("the language server needs (pygls|lsprotocol), which is not installed")
    )
    expect(message).to_contain_text(f'{interpreter} -m pip install "pygls')
    page.wait_for_timeout(3000)
    expect(window.messages).to_have_count(1)
    assert window.servers() == []


def test_a_server_that_ends_is_started_again_but_not_for_ever(open_window: Open, page: Page) -> None:
    """The third time within three minutes it stays away, with one message."""
    window = open_window("python/tune_churn.py")
    window.open("tune_churn.py")
    window.expect_started()
    ended: set[int] = set()
    for _ in range(3):
        end = time.monotonic() + START_SECONDS
        while not (fresh := set(window.servers()) - ended):
            assert time.monotonic() < end, "no server was started"
            page.wait_for_timeout(100)
        page.wait_for_timeout(2000)  # it is initialized
        ended |= fresh
        os.kill(fresh.pop(), signal.SIGKILL)
    expect(window.messages.filter(has_text="The server has ended 3 times in three minutes.")).to_be_visible()
    expect(window.messages).to_have_count(1)
    assert window.servers() == []
    window.run("hpolint: Restart Server")
    window.expect_started()


def test_settings_hold_at_once(open_window: Open) -> None:
    """Rules and their levels; the status item says what is wrong with a setting; switched off, nothing runs."""
    window = open_window("python/tune_churn.py")
    window.open("tune_churn.py")
    expect(window.squiggles("warning")).to_have_count(1)
    window.configure(hpolint__ignore=["compute"])
    expect(window.squiggles("warning")).to_have_count(0)
    window.configure(hpolint__levels={"scale/linear-learning-rate": "error"}, hpolint__select=["scale"])
    expect(window.squiggles("error")).to_have_count(1)
    expect(window.squiggles("warning")).to_have_count(0)
    window.configure(hpolint__select=["skale"])
    expect(window.status.locator(".codicon-warning")).to_be_visible()
    window.configure(hpolint__enable=False)
    expect(window.status).to_have_count(0)
    assert window.servers() == []


def test_safe_fixes_are_applied_by_a_command_and_on_save(code: Code, open_window: Open, page: Page) -> None:
    """Fix on save is VS Code's own setting."""
    code.configure(editor__codeActionsOnSave=FIX_ON_SAVE)
    window = open_window("python/tune_churn.py")
    window.open("tune_churn.py")
    expect(window.squiggles("info").first).to_be_visible()
    window.run("hpolint: Fix All")
    expect(page.locator(".view-line", has_text="scaling_type").first).to_contain_text("Logarithmic")
    page.keyboard.press("Control+z")
    expect(page.locator(".view-line", has_text="scaling_type").first).to_contain_text('"Linear"')
    page.locator(".view-line", has_text="HOUR = 3600").click()
    page.keyboard.press("End")
    page.keyboard.type("  # s")
    assert 'scaling_type="Logarithmic"' in window.save("tune_churn.py")


def test_a_window_that_is_not_trusted_runs_nothing_of_its_folder(
    code: Code, open_window: Open, tmp_path: Path, picture: Keep
) -> None:
    """Neither the selected environment nor a path in the folder's settings is started."""
    settings = tmp_path / "folder" / ".vscode" / "settings.json"
    settings.parent.mkdir(parents=True)
    trap = tmp_path / "folder" / "hpolint"
    trap.write_text('#!/bin/sh\ntouch "$(dirname "$0")/was-run"\n')
    trap.chmod(0o755)
    settings.write_text(f'{{"hpolint.path": "{trap}"}}')
    code.interpreter.write_text(str(trap))
    code.configure(security__workspace__trust__enabled=True, security__workspace__trust__startupPrompt="never")
    window = open_window("python/tune_churn.py")
    window.open("tune_churn.py")
    expect(window.messages.filter(has_text="hpolint is not on the PATH")).to_be_visible()
    picture("untrusted")
    assert not trap.with_name("was-run").exists()


def test_the_command_fixes_all_cells_of_a_notebook(open_window: Open, page: Page) -> None:
    """Also those that are out of view."""
    window = open_window("notebook/vision.ipynb")
    window.open("vision.ipynb")
    expect(window.squiggles("warning").first).to_be_visible()
    window.run("hpolint: Fix All")
    expect(page.locator(".tab.active.dirty")).to_be_visible()
    assert 'scaling_type=\\"Logarithmic' in window.save("vision.ipynb")


def test_a_notebook_has_findings_in_its_cells_and_is_fixed_on_save(
    code: Code, open_window: Open, page: Page, picture: Keep
) -> None:
    """All cells at once, by VS Code's setting for notebooks. If VS Code drops the edit, the next save has it."""
    code.configure(notebook__codeActionsOnSave={"notebook.source.fixAll.hpolint": "explicit"})
    window = open_window("notebook/vision.ipynb")
    window.open("vision.ipynb")
    window.expect_started()
    expect(window.squiggles("warning").first).to_be_visible()
    picture("notebook")
    page.locator(".cell-editor-container .view-line", has_text="role = sagemaker").first.click()
    page.keyboard.press("End")
    page.keyboard.type("  # ")
    for _ in range(MAX_SAVES):
        page.keyboard.type("s")
        if 'scaling_type=\\"Logarithmic' in window.save("vision.ipynb"):
            return
        page.wait_for_timeout(1000)
    raise AssertionError("the notebook was not fixed")
