"""``hpolint init`` begins with what is there, and changes nothing that anybody has written."""

from __future__ import annotations

import re
import tomllib

from hpolint.config.keys import ROOT
from tests.conftest import Command
from tests.harness.git import git
from tests.suppressions.test_comments import python


def test_a_first_configuration_is_sound_and_speaks_of_what_is_there(hpolint: Command) -> None:
    """As it stands it changes nothing; each line that waits behind ``#`` is sound when it is taken in."""
    hpolint.write("t.py", python())
    (hpolint.folder / "policies").mkdir()
    before = hpolint("check")
    run = hpolint("init")
    assert (run.returncode, run.stderr) == (0, b"")
    text = (hpolint.folder / "hpolint.toml").read_text()
    assert "# 1 tuning job in 1 file when this file was written." in text
    assert "hpolint check --write-baseline" in text
    assert "hpolint test policies" in text
    assert "sdk-config" in text
    assert "compute/missing-spot (warning)" in text
    assert "- id: hpolint" in text
    after = hpolint("check")
    assert (after.returncode, after.stdout, after.stderr) == (before.returncode, before.stdout, before.stderr)
    settings = [line for line in text.splitlines() if re.match(r"# (?:[a-z-]+ = |\[|\"|hours|locked)", line)]
    taken = "\n".join(line[2:] for line in settings)
    top = [line for line in taken.splitlines() if re.match(r"(?:ignore|baseline|policies|sdk-config) = ", line)]
    tables = [line for line in taken.splitlines() if line not in top]
    assert list(ROOT.problems(tomllib.loads("\n".join([*top, *tables])), ())) == []


def test_without_jobs_it_is_short(hpolint: Command) -> None:
    """No baseline, and nothing of an SDK that is not used."""
    assert hpolint("init").returncode == 0
    text = (hpolint.folder / "hpolint.toml").read_text()
    assert "baseline" not in text.replace("comment or baseline", "")
    assert "sdk-config" not in text
    assert hpolint("check").returncode == 0


def test_nothing_is_written_over(hpolint: Command) -> None:
    """Neither a file nor a table of pyproject.toml: exit code 2, and it is named."""
    hpolint.write("pyproject.toml", "[tool.hpolint]\nfail-on = 'note'\n")
    run = hpolint("init")
    assert run.returncode == 2
    assert b"pyproject.toml: there is a configuration already" in run.stderr
    assert not (hpolint.folder / "hpolint.toml").exists()
    hpolint.write("pyproject.toml", "[tool.other]\n")
    hpolint.write("hpolint.toml", "# mine\n")
    assert hpolint("init").returncode == 2
    assert (hpolint.folder / "hpolint.toml").read_text() == "# mine\n"


def test_below_another_configuration_it_goes_on_from_that_one(hpolint: Command) -> None:
    """The settings above stay until somebody says otherwise; what the organisation demands is asked for there."""
    git(hpolint.folder, "init", "-q", ".")
    hpolint.write("hpolint.toml", "select = ['compute/missing-spot']\nfail-on = 'note'\n")
    hpolint.write("svc/t.py", python())
    inside = Command(hpolint.folder / "svc")
    before = inside("check")
    assert inside("init").returncode == 0
    text = (inside.folder / "hpolint.toml").read_text()
    assert 'extend = "../hpolint.toml"\n' in text
    assert "max-instance-hours" not in text
    after = inside("check")
    assert (after.returncode, after.stdout, after.stderr) == (before.returncode, before.stdout, before.stderr)
