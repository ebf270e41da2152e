"""What a user of JupyterLab sees and does in a notebook that launches a tuning job."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec

import pytest
from conftest import Lab, Notebook
from playwright.sync_api import Page, expect

ESTIMATOR, RANGES, TUNER, LAUNCH = 4, 6, 7, 8
"""The numbers of the notebook's cells."""

MAX_SECONDS = 0.5
"""Seconds from the last key to the new answer, with the pause of 0.3 seconds."""

Keep = Callable[[str], None]


def test_a_finding_is_seen_fixed_ignored_and_understood(notebook: Notebook, page: Page, picture: Keep) -> None:
    """Without leaving the cell: also in one with a magic, and the cost stands below the cell that launches."""
    card = notebook.cell(LAUNCH).locator(".jp-hpolint-card")
    expect(card).to_contain_text("24 trials, 12 at a time: 2 rounds", timeout=20_000)
    expect(card).to_contain_text("≤ 192 h")
    tooltip = notebook.tooltip(ESTIMATOR, "warning")
    picture("jupyterlab")
    tooltip.get_by_text("Explain").click()
    expect(page.locator(".jp-hpolint-panel")).to_contain_text("compute/missing-spot")
    expect(page.locator(".jp-hpolint-panel")).to_contain_text("Instead")

    tooltip = notebook.tooltip(ESTIMATOR, "warning")
    assert "`" not in tooltip.inner_text()
    tooltip.get_by_text("Fix (unsafe)").click()
    expect(notebook.cell(ESTIMATOR)).to_contain_text("use_spot_instances=True")
    expect(notebook.cell(ESTIMATOR).locator(".cm-lintRange")).to_have_count(0)

    notebook.tooltip(TUNER, "note").get_by_text("Ignore here…").click()
    page.locator(".jp-Dialog input").fill("the cluster is reserved")
    page.keyboard.press("Enter")
    expect(notebook.cell(TUNER)).to_contain_text(
        "# hpolint: ignore[strategy/excessive-parallelism] the cluster is reserved"
    )
    expect(notebook.cell(TUNER).locator(".cm-lintRange")).to_have_count(0)

    notebook.cell(RANGES).locator(".cm-line", has_text="}").click()
    page.keyboard.press("Shift+F8")
    expect(notebook.cell(RANGES)).to_contain_text('scaling_type="Logarithmic"')
    assert notebook.line_at_cursor() == "}", "a fix moves the cursor"
    saved = notebook.saved_text()
    assert "use_spot_instances=True" in saved
    assert "192" not in saved, "the card is saved"


@pytest.mark.nightly
def test_another_figure_is_shown_at_once(notebook: Notebook, page: Page) -> None:
    """Half a second after the last key, the pause included."""
    card = notebook.cell(LAUNCH).locator(".jp-hpolint-card")
    expect(card).to_contain_text("24 trials", timeout=20_000)
    notebook.cell(TUNER).locator(".cm-line", has_text="max_jobs=24").click()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    took = []
    for figure in ("240 trials", "2,400 trials", "24,000 trials"):
        page.keyboard.type("0")
        began = time.monotonic()
        page.wait_for_function(
            "text => document.querySelector('.jp-hpolint-card')?.textContent.includes(text)", arg=figure, polling=10
        )
        took.append(time.monotonic() - began)
    assert min(took) <= MAX_SECONDS, took


@pytest.mark.nightly
def test_the_panel_shows_findings_and_pictures(notebook: Notebook, page: Page, picture: Keep) -> None:
    """Reached by the card, with words for who cannot see the picture."""
    notebook.cell(LAUNCH).locator(".jp-hpolint-card").get_by_text("Show findings").click()
    panel = page.locator(".jp-hpolint-panel")
    expect(panel).to_contain_text("4 findings")
    expect(panel.locator("svg")).to_have_count(2)
    assert "20 in the upper half" in panel.locator("svg title").first.text_content()
    panel.evaluate("node => node.scrollTop = node.scrollHeight")
    picture("jupyterlab-panel")
    panel.get_by_role("button", name="Cell 6, line 3").click()  # what is out of view may have no element
    panel.get_by_role("group", name="Scale of lr").get_by_text("Logarithmic", exact=True).click()
    expect(notebook.cell(RANGES)).to_contain_text('scaling_type="Logarithmic"')
    panel.get_by_text("List the jobs of this folder").click()
    expect(panel).to_contain_text("vision.ipynb: ≤ 192 h", timeout=20_000)
    expect(page.get_by_role("complementary", name="hpolint")).to_be_visible()
    expect(page.get_by_role("region", name="hpolint: tuner")).to_be_visible()


@pytest.mark.nightly
def test_findings_are_reached_by_keys(notebook: Notebook, page: Page) -> None:
    """F8 goes from one to the next, over cells, and from the last to the first."""
    expect(page.locator(".cm-lintRange").first).to_be_visible(timeout=20_000)
    notebook.cell(2).locator(".cm-content").click()
    reached = []
    for _ in range(5):
        before = notebook.line_at_cursor()
        page.keyboard.press("F8")
        for _ in range(50):
            page.wait_for_timeout(100)
            if notebook.line_at_cursor() not in ("", before):
                break
        reached.append(notebook.line_at_cursor())
    assert "PyTorch(" in reached[0]
    assert "max_parallel_jobs" in reached[3]
    assert reached[4] == reached[0]


@pytest.mark.nightly
def test_a_text_that_does_not_parse_keeps_its_findings(notebook: Notebook, page: Page) -> None:
    """As while it is typed; they are right again when it parses."""
    expect(page.locator(".cm-lintRange").first).to_be_visible(timeout=20_000)
    notebook.cell(3).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nx = (")
    page.wait_for_timeout(1500)
    expect(notebook.cell(ESTIMATOR).locator(".cm-lintRange")).to_have_count(1)


@pytest.mark.nightly
def test_switched_off_nothing_is_shown(lab: Lab, notebook: Notebook, page: Page) -> None:
    """The settings count at once, also for notebooks that are open."""
    card = notebook.cell(LAUNCH).locator(".jp-hpolint-card")
    expect(card).to_be_visible(timeout=20_000)
    with lab.configured(enabled=False):
        page.reload()
        page.wait_for_selector(".jp-CodeCell .cm-content", timeout=60_000)
        page.wait_for_timeout(3000)
        expect(page.locator(".jp-hpolint-card")).to_have_count(0)
        if find_spec("jupyterlab_lsp") is None:  # else python-lsp-server's plugin shows them
            expect(page.locator(".cm-lintRange")).to_have_count(0)


@pytest.mark.nightly
def test_both_themes_are_readable(notebook: Notebook, page: Page, picture: Keep) -> None:
    """The card and the panel take the colours of the theme."""
    expect(notebook.cell(LAUNCH).locator(".jp-hpolint-card")).to_be_visible(timeout=20_000)
    page.locator(".lm-MenuBar-itemLabel", has_text="Settings").click()
    page.locator("#jp-mainmenu-settings .lm-Menu-itemLabel", has_text="Theme").first.hover()
    page.locator(".lm-Menu-itemLabel", has_text="JupyterLab Dark").first.click()
    page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    expect(page.locator(".jp-Splash")).to_have_count(0)
    card = notebook.cell(LAUNCH).locator(".jp-hpolint-card")
    colours = card.evaluate("node => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]")
    assert colours[0] != colours[1]
    picture("jupyterlab-dark")


@pytest.mark.nightly
def test_a_renamed_notebook_is_checked_under_its_new_name(notebook: Notebook, page: Page) -> None:
    """Its findings stay, and the file of the old name counts again."""
    expect(notebook.cell(ESTIMATOR).locator(".cm-lintRange")).to_have_count(1, timeout=20_000)
    page.locator(".jp-DirListing-item", has_text="vision.ipynb").first.click()
    with page.expect_response(lambda answer: "hpolint/close?path=vision.ipynb" in answer.url):
        page.keyboard.press("F2")
        page.locator(".jp-DirListing-editor").fill("renamed.ipynb")
        page.keyboard.press("Enter")
    expect(notebook.cell(ESTIMATOR).locator(".cm-lintRange")).to_have_count(1)
