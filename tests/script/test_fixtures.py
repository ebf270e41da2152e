"""Each rule about scripts in a notebook that writes its script, a package folder, and SDK 3: a bad one, a good one."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.conftest import FIXTURES, Command

BAD = {
    "notebook/tune.ipynb": {
        *("argument-not-accepted", "range-type", "required-argument-missing", "channel-not-given"),
        "metric-not-printed",
    },
    "package/tune.py": {"argument-not-accepted", "range-type", "required-argument-missing", "channel-not-given"},
    "sdk3/tune.py": {"argument-not-accepted", "range-type", "early-stopping-without-epochs"},
}
GOOD = ["notebook/tune-fixed.ipynb", "package/tune_fixed.py", "sdk3/tune_fixed.py"]


@pytest.fixture
def fixtures(hpolint: Command) -> Command:
    """The fixtures of scripts."""
    shutil.copytree(FIXTURES / "script", hpolint.folder, dirs_exist_ok=True)
    return hpolint


@pytest.mark.parametrize("name", [*BAD, *GOOD])
def test_the_bad_one_is_found_and_the_good_one_is_clean(fixtures: Command, name: str) -> None:
    """Each with its place in the script."""
    report = json.loads(fixtures("check", "--select", "script", "--output", "json", name).stdout)
    assert {each["rule"].partition("/")[2] for each in report["findings"]} == BAD.get(name, set())
    assert all(each["related"] for each in report["findings"])


def test_a_range_is_renamed_as_the_option_is_called(fixtures: Command) -> None:
    """Only where one option differs by dashes, underscores or case; the fix is unsafe, and the rule quiet then."""
    select = ("--select", "script/argument-not-accepted")
    assert fixtures("check", "--fix", *select, "package/tune.py").stderr == b""
    before = (fixtures.folder / "package" / "tune.py").read_text()
    fixtures("check", "--fix", "--unsafe-fixes", *select, "package/tune.py")
    after = (fixtures.folder / "package" / "tune.py").read_text()
    assert after == before.replace('"learning_rate"', '"learning-rate"')
    assert b"0 findings" in fixtures("check", *select, "package/tune.py").stdout
