"""Rule files that cannot be used are refused with file, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpolint.registry import load_rules
from hpolint.rule import RuleError

SOUND = """---
summary: Too many trials
level: warning
precision: high
scope: job
since: 0.1.0
options:
  most: {default: 10, help: The most trials}
when: >-
  limits.MaxNumberOfTrainingJobs != null &&
  limits.MaxNumberOfTrainingJobs > options.most
at: HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs
message:
  - "{limits.MaxNumberOfTrainingJobs} trials, and {options.most} are allowed"
fix:
  safety: unsafe
  set: {HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs: "{options.most}"}
sources: ["https://example.com/policy"]
---
## Why
Because.

## Instead
Fewer.

## Examples
```json bad
{"ResourceLimits": {"MaxNumberOfTrainingJobs": 11, "MaxParallelTrainingJobs": 1}}
```

```json good
{"ResourceLimits": {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 1}}
```

```json undecided
{"ResourceLimits": {"MaxNumberOfTrainingJobs": "$TRIALS", "MaxParallelTrainingJobs": 1}}
```
"""


def write(folder: Path, text: str, name: str = "policy/too-many-trials.md") -> Path:
    """A rule file in a folder of categories."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_stranger_adds_a_rule_by_writing_one_file(tmp_path: Path) -> None:
    """One file is all: its name is the rule's, its folder the category, its examples the tests."""
    write(tmp_path, SOUND)
    (rule,) = load_rules(tmp_path)
    assert rule.id == "policy/too-many-trials"
    assert [example.verdict for example in rule.examples] == ["bad", "good", "undecided"]


@pytest.mark.parametrize(
    ("old", "new", "reason", "line"),
    [
        ("level: warning", "level: warning\ncolour: red", "unknown key `colour`", 4),
        ("level: warning", "level: grave", "'grave'", 3),
        ("level: warning\n", "", "lacks `level`", 2),
        ("since: 0.1.0", "since: 1", "since", 6),
        ("help: The most trials", "hlp: The most trials", "unknown key `hlp`", 8),
        ("when: >-", "emitted_by: schema\nwhen: >-", "either", 2),
        (".MaxNumberOfTrainingJobs > options", ".MaxNumberOfTrainingJob > options", "no member", 11),
        ("!= null &&", "!= 3 &&", "can be null", 11),
        ("> options.most", "> options.least", "no member `least`", 11),
        ("> options.most", '> "10"', "cannot be ordered", 11),
        ("> options.most", "> options.most &&", "Syntax error", 11),
        ("{options.most} are", "{options.mst} are", "no member `mst`", 14),
        ("{options.most} are", "{budget.rounds} are", "only what `when` reads", 14),
        ("{options.most} are", "{options.most are", "not closed", 14),
        ("at: HyperParameterTuningJobConfig.R", "at: HyperParameterTuningJobConfig.r", "not a path", 12),
        ("safety: unsafe", "safety: dangerous", "safe or unsafe", 16),
        ('set: {HyperParameterTuningJobConfig.', 'set: {HyperParameterTuningConfig.', "not a path", 17),
        ('"{options.most}"}', '"{options.mot}"}', "no member `mot`", 17),
        ("scope: job", "scope: source", "the readers' own", 5),
        ("{options.most} are", "{options.most:s} are", "`s` is no format for the type int", 14),
        ('"{options.most}"}', '"{config.Strategy}"}', "the type int is needed here, and this is string", 17),
        ('"{options.most}"}', '"{options.most} or so"}', "one expression, or none", 17),
        ('"{options.most}"}', '"many"}', "the type int is needed here, and this is string", 17),
        ("safety: unsafe", 'safety: "{options.most}"', "the type string is needed here, and this is int", 16),
        ('["https://example.com/policy"]', "[]", "sources", 18),
        ("## Instead", "## Otherwise", "`## Instead`", 20),
        ("```json undecided", "```json", "says bad, good or undecided", 35),
        ("```json good", "```json bad", "no example of the verdict `good`", 20),
        ("summary: Too many trials", "summary: [", "flow sequence", 4),
        ("---\nsummary", "summary", "front matter", 1),
    ],
)  # fmt: skip
def test_a_broken_rule_file_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, reason: str, line: int
) -> None:
    """The author is led to the line, and nothing runs with a rule that may be wrong."""
    assert old in SOUND
    path = write(tmp_path, SOUND.replace(old, new, 1))
    with pytest.raises(RuleError) as caught:
        load_rules(tmp_path)
    assert reason in caught.value.reason
    assert caught.value.file == path.as_posix()
    assert caught.value.line == line, str(caught.value)
    assert str(caught.value).startswith(f"{path.as_posix()}:{line}:")


def test_a_column_points_into_a_folded_condition(tmp_path: Path) -> None:
    """Places survive YAML's folding of the condition's lines."""
    write(tmp_path, SOUND.replace("> options.most\n", "> options.mist\n"))
    with pytest.raises(RuleError) as caught:
        load_rules(tmp_path)
    line = SOUND.replace("> options.most\n", "> options.mist\n").splitlines()[caught.value.line - 1]
    assert line[caught.value.column - 1 :].startswith(".mist")


@pytest.mark.parametrize("name", ["policy/Too_Many.md", "rules/too-many-trials.md"])
def test_names_and_categories_follow_the_convention(tmp_path: Path, name: str) -> None:
    """A file that is in the wrong place is not silently another category."""
    write(tmp_path, SOUND, name)
    with pytest.raises(RuleError):
        load_rules(tmp_path)


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    """Two rules of one name are an error, even in different categories."""
    write(tmp_path, SOUND)
    write(tmp_path, SOUND, "strategy/too-many-trials.md")
    with pytest.raises(RuleError, match="is taken by"):
        load_rules(tmp_path)
