"""Neovim as a client, where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hpolint import check
from tests.differential.tree import LONE, PLAIN

NEOVIM = shutil.which("nvim")

SESSION = """
vim.lsp.start({{ name = "hpolint", cmd = {{ "{python}", "-m", "hpolint", "server" }}, root_dir = vim.fn.getcwd() }})
assert(vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end), "no diagnostics")
for _, each in ipairs(vim.diagnostic.get(0)) do
  io.stdout:write(each.lnum + 1 .. ":" .. each.col + 1 .. " " .. each.code .. "\\n")
end
vim.cmd("qa!")
"""


@pytest.mark.skipif(NEOVIM is None, reason="needs Neovim")
def test_neovim_shows_each_finding_once(tmp_path: Path) -> None:
    """At its place, whether Neovim asks for diagnostics or is sent them."""
    (tmp_path / "tune.py").write_text(PLAIN, "utf-8")
    (tmp_path / "lone.py").write_text(LONE, "utf-8")
    (tmp_path / "session.lua").write_text(SESSION.format(python=sys.executable), "utf-8")
    command = [str(NEOVIM), "--headless", "--clean", "tune.py", "-S", "session.lua"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    found = [each for each in check([str(tmp_path)]).findings if each.source.endswith("tune.py")]
    assert found
    assert sorted(done.stdout.split("\n")) == sorted(
        ["", *(f"{each.span.line}:{each.span.column} {each.rule.id}" for each in found)]
    ), done.stderr
