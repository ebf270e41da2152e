"""VS Code in a browser, as code-server serves it, with the packaged extension: see ``.ci/vscode``."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

expect.set_options(timeout=30_000)

HERE = Path(__file__).parent
EXTENSION = HERE.parent
FIXTURES = EXTENSION.parents[1] / "fixtures"
CHROMIUM = shutil.which("chromium")
START_SECONDS = 120
MILLISECONDS = 60_000
"""The longest that an answer may take: a busy machine is slow."""

SETTINGS = {
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.commandCenter.enabled": False,
    "extensions.ignoreRecommendations": True,
    "git.enabled": False,
    "files.autoSave": "off",
    "security.workspace.trust.enabled": False,
    "editor.hover.delay": 100,
    "window.restoreWindows": "none",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of these tests."""
    parser.addoption("--pictures", metavar="FOLDER", help="keep pictures of what the tests see, for the documentation")


class Code:
    """A running code-server, the files that decide what its windows have, and the folder for theirs."""

    def __init__(self, home: Path, address: str) -> None:
        self.home = home
        self.address = address
        self.interpreter = home / "interpreter"
        """Names the interpreter that the Python extension has selected."""

    def configure(self, **settings: Any) -> None:
        """Have the user's settings in the windows that are opened; ``__`` stands for ``.`` in their names."""
        write_settings(self.home / "data" / "User" / "settings.json", SETTINGS | settings)

    def select_this(self) -> None:
        """Select the interpreter of the tests, which has hpolint with its extra."""
        self.interpreter.write_text(sys.executable)


def write_settings(path: Path, settings: dict[str, Any]) -> None:
    """Write a file of settings, whose names have ``__`` for ``.``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({name.replace("__", "."): value for name, value in settings.items()}))


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def packaged(folder: Path, to: Path) -> Path:
    """An extension as the file that its users install."""
    vsce = EXTENSION / "node_modules" / ".bin" / "vsce"
    command = [str(vsce), "package", "--no-dependencies", "--skip-license", "--allow-missing-repository", "--out", to]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return to


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension's package."""
    return packaged(EXTENSION, tmp_path_factory.mktemp("package") / "hpolint.vsix")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, package: Path) -> Iterator[Code]:
    """A server with the extension, and with one that stands for the Python extension."""
    home = tmp_path_factory.mktemp("home")
    python_extension = packaged(HERE / "python_extension", home / "python.vsix")
    code = Code(home, f"http://127.0.0.1:{free_port()}")
    program = os.environ.get("HPOLINT_CODE_SERVER", "code-server")
    folders = ["--user-data-dir", str(home / "data"), "--extensions-dir", str(home / "extensions")]
    environment = os.environ | {"HOME": str(home), "HPOLINT_TEST_PYTHON": str(code.interpreter)}
    environment["PATH"] = os.pathsep.join(part for part in os.get_exec_path() if not Path(part, "hpolint").exists())
    for extension in (package, python_extension):
        subprocess.run(
            [program, *folders, "--install-extension", str(extension)], env=environment, check=True, capture_output=True
        )
    code.configure()
    options = ["--auth", "none", "--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"]
    with (home / "log").open("w") as log:
        address = code.address.removeprefix("http://")
        command = [program, *folders, *options, "--bind-addr", address]
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_for(code.address, home / "log")
        yield code
    finally:
        server.terminate()
        server.wait(20)


def wait_for(address: str, log: Path) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz").close()
            return
        except (OSError, urllib.error.HTTPError):
            time.sleep(0.2)
        assert time.monotonic() < end, log.read_text()


@pytest.fixture
def code(served: Code) -> Code:
    """The server with the settings of a new user, whose interpreter has hpolint with its extra."""
    served.configure()
    served.select_this()
    return served


def bare_environment(folder: Path, *without: str) -> Path:
    """The interpreter of an environment that has the packages of this one, but for some; with no name, none at all."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    site = Path(sysconfig.get_path("purelib"))
    own = folder / site.relative_to(sys.prefix)
    for package in site.iterdir() if without else ():
        if not package.name.startswith(without):
            (own / package.name).symlink_to(package)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


class Window:
    """A window of VS Code with a folder."""

    def __init__(self, page: Page, code: Code, folder: Path) -> None:
        self.page, self.code, self.folder = page, code, folder
        page.goto(f"{code.address}/?folder={folder}")
        page.wait_for_selector(".monaco-workbench .statusbar", timeout=MILLISECONDS)
        self.status = page.locator(".statusbar-item:not(.hidden)", has_text=re.compile(r"^\s*hpolint\s*$"))
        """The extension's item in the status bar."""
        self.messages = page.locator(".notifications-toasts .notification-list-item")

    def run(self, command: str) -> None:
        """Run a command of the palette."""
        self.page.keyboard.press("F1")
        self.pick(f">{command}", command)

    def open(self, name: str) -> Locator:
        """Open a file. Returns its editor."""
        self.page.keyboard.press("Control+p")
        self.pick(name, name)
        editor = self.page.locator(".editor-instance, .notebook-editor").last
        expect(self.page.locator(".tab.active", has_text=name)).to_be_visible(timeout=MILLISECONDS)
        return editor

    def pick(self, text: str, label: str) -> None:
        """Pick what has a label, by a text."""
        field = self.page.locator(".quick-input-widget input").first
        field.wait_for(timeout=MILLISECONDS)
        field.fill(text)
        row = self.page.locator(".quick-input-list .monaco-list-row", has_text=label).first
        row.wait_for(timeout=MILLISECONDS)
        row.click()

    def problems(self) -> Locator:
        """The rows of the panel with all problems."""
        if self.page.locator(".markers-panel").count() == 0:
            self.run("Problems: Focus on Problems View")
        return self.page.locator(".markers-panel .monaco-list-row")

    def expect_started(self) -> None:
        """Wait until the server runs."""
        expect(self.status).to_be_visible(timeout=MILLISECONDS)
        expect(self.status.locator(".codicon-check")).to_be_visible(timeout=MILLISECONDS)

    def configure(self, **settings: Any) -> None:
        """Have the folder's settings; the window learns of them."""
        write_settings(self.folder / ".vscode" / "settings.json", settings)

    def squiggles(self, level: str) -> Locator:
        """The underlines of a level."""
        return self.page.locator(f".squiggly-{level}")

    def servers(self) -> list[int]:
        """The processes of hpolint's server that the windows have started."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                home = b"HPOLINT_TEST_PYTHON=" + os.fsencode(self.code.interpreter)
                is_ours = home in (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if entry.name.isdigit() and b"hpolint" in words and b"server" in words and is_ours:
                found.append(int(entry.name))
        return found

    def text(self, name: str) -> str:
        """The text of a file on the disk."""
        return (self.folder / name).read_text("utf-8")

    def save(self, name: str) -> str:
        """Save the active editor by its key. Returns the text of the file, once it has changed."""
        before = self.text(name)
        self.page.keyboard.press("Control+s")
        end = time.monotonic() + START_SECONDS
        while self.text(name) == before:
            assert time.monotonic() < end, "the file was not saved"
            self.page.wait_for_timeout(100)
        return self.text(name)


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a browser that has seen nothing. With ``--pictures`` it is also kept as it was at a failure."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    failures = request.session.testsfailed
    yield opened
    folder = request.config.getoption("--pictures")
    if folder and request.session.testsfailed > failures:
        opened.screenshot(path=Path(folder) / f"failed-{request.node.name}.png")
    context.close()


@pytest.fixture
def open_window(code: Code, page: Page, tmp_path: Path) -> Any:
    """Opens a window with some files of the fixtures in its folder, by their paths there."""

    def opened(*names: str, **texts: str) -> Window:
        folder = tmp_path / "folder"
        folder.mkdir(exist_ok=True)
        for name in names:
            shutil.copy(FIXTURES / name, folder / Path(name).name)
        for name, text in texts.items():
            (folder / name.replace("_", ".")).write_text(text)
        return Window(page, code, folder)

    return opened


@pytest.fixture
def picture(request: pytest.FixtureRequest, page: Page) -> Any:
    """Keeps a picture of the page under a name, if a folder for pictures was named."""
    folder = request.config.getoption("--pictures")

    def keep(name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{name}.png")

    return keep
