"""``hpolint test``: rule files proven wherever they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Command
from tests.registry.test_proving import SOUND, write

POLICY = SOUND.replace("safety: unsafe\n  set", "safety: unsafe\n  when: 'true'\n  set")


def said(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    """The exit code, and what is printed."""
    run = Command(folder)("test", *arguments)
    return run.returncode, run.stdout.decode().splitlines()


def test_a_sound_policy_passes_wherever_it_lies(tmp_path: Path) -> None:
    """A file, a folder, or the folder above: under a category of the user's own, and beside a README."""
    path = write(tmp_path, POLICY, "acme-cost/too-many-trials.md")
    (tmp_path / "README.md").write_text("# Our policies\n")
    for name in (str(path), str(tmp_path / "acme-cost"), str(tmp_path)):
        assert said(tmp_path, name) == (0, ["1 rule, 3 examples: all sound"])
    assert said(path.parent, path.name)[0] == 0


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        (
            '"MaxNumberOfTrainingJobs": 11',
            '"MaxNumberOfTrainingJobs": 9',
            29,
            "the verdict on this example is `clean`, not `found`",
        ),
        (
            '"MaxNumberOfTrainingJobs": 10',
            '"MaxNumberOfTrainingJobs": 12',
            34,
            "the verdict on this example is `found`, not `clean`",
        ),
        ("> options.most\n", "> options.least\n", 11, "no member `least`"),
        ('"{options.most}"}', "20}", 29, "the finding remains after its fix: "),
        ("when: 'true'", "when: 'false'", 21, "no example shows the fix"),
        ("```json\n{", "```toml\n{", 29, "an example in toml"),
    ],
)
def test_a_policy_that_contradicts_its_page_is_reported(
    tmp_path: Path, old: str, new: str, line: int, reason: str
) -> None:
    """With the line of the example or expression, and exit code 1."""
    assert old in POLICY
    path = write(tmp_path, POLICY.replace(old, new, 1), "acme/too-many-trials.md")
    code, lines = said(tmp_path, str(path))
    assert code == 1
    assert any(reason in each and each.startswith(f"{path.as_posix()}:{line}:") for each in lines), lines


CERTAIN = "trials: the service refuses the job, and"


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("The fix is unsafe: the", "The", 21, "the page does not say why the fix is unsafe"),
        ("trials, and", CERTAIN, 29, "what fails for certain is an error, not a warning"),
    ],
)
def test_more_is_asked_of_hpolints_own_rules(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    """A contributor learns all of it from the command. An organisation need not explain its fixes."""
    assert old in POLICY
    text = POLICY.replace(old, new, 1)
    path = write(tmp_path, text, "strategy/too-many-trials.md")
    code, lines = said(tmp_path, str(path))
    assert code == 1
    assert any(reason in each and each.startswith(f"{path.as_posix()}:{line}:") for each in lines), lines
    own = write(tmp_path, text, "acme/too-many-trials.md")
    assert said(tmp_path, str(own))[0] == 0


@pytest.mark.parametrize(
    ("name", "reason"), [("missing-spot", "already used in another category"), ("scale", "that of a category")]
)
def test_a_rule_of_hpolint_has_a_name_of_its_own(tmp_path: Path, name: str, reason: str) -> None:
    """Users name rules without their category."""
    path = write(tmp_path, POLICY, f"strategy/{name}.md")
    _, lines = said(tmp_path, str(path))
    assert any(f"the name `{name}` is {reason}" in line for line in lines)


def test_two_policies_of_one_name_are_an_error(tmp_path: Path) -> None:
    """Category and name are what users select."""
    write(tmp_path, POLICY, "a/acme/too-many-trials.md")
    write(tmp_path, POLICY, "b/acme/too-many-trials.md")
    code, lines = said(tmp_path, str(tmp_path))
    assert code == 1
    assert "the name `acme/too-many-trials` is already used by" in lines[0]


def test_a_path_without_a_rule_is_no_success(tmp_path: Path) -> None:
    """A typo in CI does not pass for sound policies."""
    assert said(tmp_path, "missing")[0] == 2
    assert said(tmp_path, str(tmp_path))[0] == 2
    (tmp_path / "x.md").write_text("# No rule\n")
    assert said(tmp_path, "x.md")[0] == 1


def test_a_part_of_a_condition_that_no_example_needs_is_a_hint(tmp_path: Path) -> None:
    """Such a part may be wrong without a failing example; the hint has its place and does not change the exit code."""
    condition = "\n  limits.MaxNumberOfTrainingJobs > options.most\n"
    assert condition in POLICY
    more = '  && ("&& (" != "" || config.Strategy == "Grid")\n'
    wider = POLICY.replace(condition, condition + more, 1)
    path = write(tmp_path, wider, "acme/too-many-trials.md")
    code, lines = said(tmp_path, str(path))
    assert code == 0
    where, hint = (
        f"{path.as_posix()}:12:23",
        'no example tests `config.Strategy == "Grid"`: without it all verdicts stay the same',
    )
    assert lines[:-1] == [f"{where}: hint: {hint}"]
    assert said(tmp_path, "-q", str(path)) == (0, [])
