"""Beside jupyterlab-lsp and python-lsp-server, of which hpolint is a plugin. Skipped where they are not installed."""

from __future__ import annotations

import json

import pytest
from conftest import Lab, Notebook
from playwright.sync_api import Page, expect

pytest.importorskip("jupyterlab_lsp")


@pytest.mark.nightly
def test_each_finding_is_shown_once_and_those_of_others_stay(lab: Lab, notebook: Notebook, page: Page) -> None:
    """The server's plugin leaves notebooks to the extension; what other linters find is shown by jupyterlab-lsp."""
    path = lab.folder / "both.ipynb"
    cells = lab.folder / notebook.name
    text = json.loads(cells.read_text("utf-8"))
    text["cells"][1]["source"] = ["import colorsys"]
    path.write_text(json.dumps(text))
    both = Notebook(lab, page, "both.ipynb")
    expect(both.cell(2).locator(".cm-lintRange")).to_have_count(1, timeout=60_000)
    expect(both.cell(4).locator(".cm-lintRange-warning")).to_have_count(1)
    page.mouse.move(0, 0)
    both.cell(2).locator(".cm-lintRange").hover()
    expect(page.locator(".cm-tooltip")).to_contain_text("imported but unused")
    tooltip = both.tooltip(4, "warning")
    assert tooltip.inner_text().count("compute/missing-spot") == 1


@pytest.mark.nightly
def test_who_switches_the_extension_off_sees_findings_by_the_plugin(lab: Lab, notebook: Notebook, page: Page) -> None:
    """Findings are shown by one of the two, whatever the settings are."""
    expect(notebook.cell(7).locator(".cm-lintRange")).to_have_count(1, timeout=60_000)
    with lab.configured(enabled=False):
        without = Notebook(lab, page, notebook.name)
        expect(without.cell(7).locator(".cm-lintRange")).to_have_count(1, timeout=60_000)
        expect(page.locator(".jp-hpolint-card")).to_have_count(0)
