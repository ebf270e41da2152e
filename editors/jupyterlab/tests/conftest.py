"""A Jupyter server with the extension, and a browser, in an environment that has both: see ``.ci/jupyterlab``."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

FIXTURES = Path(__file__).parents[3] / "fixtures"
CHROMIUM = shutil.which("chromium")
TOKEN = "token-of-a-test"
START_SECONDS = 180
TRIES = 10


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of these tests."""
    parser.addoption("--nightly", action="store_true", help="also what takes too long for each change")
    parser.addoption("--pictures", metavar="FOLDER", help="keep pictures of what the tests see, for the documentation")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is not to run now."""
    for item in items:
        if item.get_closest_marker("nightly") is not None and not config.getoption("--nightly"):
            item.add_marker(pytest.mark.skip(reason="takes too long for each change: --nightly"))
        if "page" in getattr(item, "fixturenames", ()) and CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="there is no Chromium"))


class Lab:
    """A running Jupyter server, and the folder of its notebooks."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.folder = folder

    def ask(self, path: str, body: Any = None, *, token: str = TOKEN, method: str | None = None) -> tuple[int, Any]:
        """The status and the JSON of an answer; None for one without JSON."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"token {token}"} if token else {}
        request = urllib.request.Request(f"{self.address}/{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            return error.code, None

    @contextmanager
    def configured(self, **settings: Any) -> Iterator[None]:
        """Have some settings of the extension, as its user."""
        address = "lab/api/settings/jupyterlab-hpolint:plugin"
        self.ask(address, {"raw": json.dumps(settings)}, method="PUT")
        try:
            yield
        finally:
            self.ask(address, {"raw": "{}"}, method="PUT")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A server whose settings are those of a new user."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "notebooks"
    folder.mkdir()
    notifications = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    notifications.parent.mkdir(parents=True)
    notifications.write_text('{"fetchNews": "false", "checkForUpdates": false}')  # its question would cover the page
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTERLAB_SETTINGS_DIR": str(home / "settings")}
    settings |= {"JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"), "JUPYTER_DATA_DIR": str(home / "data")}
    options = ["--no-browser", "--allow-root", f"--port={port}", f"--IdentityProvider.token={TOKEN}"]
    options += [f"--ServerApp.root_dir={folder}", "--ServerApp.port_retries=0", "--LabApp.news_url="]
    command = [sys.executable, "-m", "jupyterlab", *options]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, env=os.environ | settings, stdout=log, stderr=log)
    running = Lab(f"http://127.0.0.1:{port}", folder)
    try:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                if running.ask("api/status")[0] == 200:
                    break
            except OSError:
                time.sleep(0.2)
            assert time.monotonic() < end, (home / "log").read_text()
        yield running
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in which no script fails."""
    opened = browser.new_page(viewport={"width": 1280, "height": 960})
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert [error for error in errors if "hpolint" in error] == []


class Notebook:
    """A notebook that is open in a page."""

    def __init__(self, lab: Lab, page: Page, name: str) -> None:
        self.lab, self.page, self.name = lab, page, name
        page.goto(f"{lab.address}/lab/tree/{name}?token={TOKEN}&reset")
        page.wait_for_selector(".jp-CodeCell .cm-content", timeout=60_000)

    def cell(self, number: int) -> Any:
        """A cell by its number among all cells, from 1."""
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{number - 1}"]')

    def line_at_cursor(self) -> str:
        """The text of the line that the cursor is in."""
        return self.page.evaluate(
            """() => {
              const node = getSelection().anchorNode;
              const element = node instanceof Element ? node : node?.parentElement;
              return element?.closest('.cm-line')?.innerText ?? '';
            }"""
        )

    def saved_text(self) -> str:
        """The notebook's file, saved by keys."""
        path = self.lab.folder / self.name
        before = path.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        end = time.monotonic() + START_SECONDS
        while path.stat().st_mtime_ns == before or not path.read_text("utf-8").endswith("}\n"):
            assert time.monotonic() < end, "the notebook was not saved"
            self.page.wait_for_timeout(100)
        return path.read_text("utf-8")

    def tooltip(self, number: int, level: str) -> Any:
        """The tooltip of the first finding of a level in a cell, with what can be done."""
        mark = "info" if level == "note" else level
        finding = self.cell(number).locator(f".cm-lintRange-{mark}").first
        actions = self.page.locator(".cm-tooltip .jp-hpolint-actions button")
        finding.wait_for()
        for _ in range(TRIES):
            self.page.mouse.move(0, 0)
            finding.hover()
            try:
                actions.first.wait_for(timeout=3000)
                break
            except PlaywrightError:  # the page has moved below the pointer
                continue
        return self.page.locator(".cm-tooltip")


@pytest.fixture
def notebook(lab: Lab, page: Page) -> Notebook:
    """The notebook about vision, open."""
    shutil.copy(FIXTURES / "notebook" / "vision.ipynb", lab.folder / "vision.ipynb")
    return Notebook(lab, page, "vision.ipynb")


@pytest.fixture
def picture(request: pytest.FixtureRequest, page: Page) -> Any:
    """Keeps a picture of the page under a name, if a folder for pictures was named."""
    folder = request.config.getoption("--pictures")

    def keep(name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{name}.png")

    return keep
