"""Rule files that cannot be used are refused with file, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpolint.model.rule import RuleError
from hpolint.model.rule_page import rule_page
from hpolint.registry.policies import load_rules

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
Fewer. The fix is unsafe: the search is shorter.

## Examples
### Found
```json
{"ResourceLimits": {"MaxNumberOfTrainingJobs": 11, "MaxParallelTrainingJobs": 1}}
```

### Clean
```json
{"ResourceLimits": {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 1}}
```

### Undecided
```json
{"ResourceLimits": {"MaxNumberOfTrainingJobs": "$TRIALS", "MaxParallelTrainingJobs": 1}}
```
"""


def write(folder: Path, text: str, name: str = "policy/too-many-trials.md") -> Path:
    """A rule file in a folder of categories."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_an_organisations_rule_may_have_no_sources(tmp_path: Path) -> None:
    """It demands what the organisation wants, which no page says. A rule in a built-in category needs them."""
    own = SOUND.replace('sources: ["https://example.com/policy"]\n', "")
    write(tmp_path, own, "acme/too-many-trials.md")
    (rule,) = load_rules([tmp_path])
    assert rule.sources == []
    assert "Sources" not in rule_page(rule)
    assert "a built-in rule needs `sources`" in refused(tmp_path, own).reason


def test_a_stranger_adds_a_rule_by_writing_one_file(tmp_path: Path) -> None:
    """One file is all: its name is the rule's, its folder the category, its examples the tests."""
    write(tmp_path, SOUND)
    (rule,) = load_rules([tmp_path])
    assert rule.id == "policy/too-many-trials"
    assert [example.verdict for example in rule.examples] == ["found", "clean", "undecided"]


@pytest.mark.parametrize(
    ("old", "new", "reason", "line"),
    [
        ("level: warning", "level: warning\ncolour: red", "unknown key `colour`", 4),
        ("level: warning", "level: grave", "error, warning or note", 3),
        ("level: warning\n", "", "lacks `level`", 2),
        ("since: 0.1.0", "since: 1", "since", 6),
        ("help: The most trials", "hlp: The most trials", "unknown key `hlp`", 8),
        ("when: >-", "emitted_bye: schema\nwhen: >-", "unknown key", 9),
        ("help: The most", "former: most, help: The most", "`most` is also another option's name", 8),
        ("when: >-", "removed_options: [most]\nwhen: >-", "`most` is also another option's name", 9),
        (".MaxNumberOfTrainingJobs > options", ".MaxNumberOfTrainingJob > options", "no member", 11),
        ("!= null &&", "!= 3 &&", "can be null", 11),
        ("> options.most", "> options.least", "no member `least`", 11),
        ("> options.most", '> "10"', "ordered with a string: convert the string with int(…) or double(…)", 11),
        ("> options.most", "> most", "unknown name `most`: write `options.most`", 11),
        ("> options.most", "> Seed", "unknown name `Seed`", 11),
        ("limits.MaxNumberOfTrainingJobs >", "ResourceLimits.Seed >", "write `config.ResourceLimits`", 11),
        ("> options.most", "> options.most &&", "the expression is incomplete", 11),
        ("{options.most} are", "{options.mst} are", "no member `mst`", 14),
        ("{options.most} are", "{budget.rounds} are", "only what `when` reads", 14),
        ("{options.most} are", "{options.most are", "not closed", 14),
        ("at: HyperParameterTuningJobConfig.R", "at: HyperParameterTuningJobConfig.r", "not a path", 12),
        ("safety: unsafe", "safety: dangerous", "safe or unsafe", 16),
        ('set: {HyperParameterTuningJobConfig.', 'set: {HyperParameterTuningConfig.', "not a path", 17),
        ('"{options.most}"}', '"{options.mot}"}', "no member `mot`", 17),
        ("scope: job", "scope: source", "is only for readers", 5),
        ("{options.most} are", "{options.most:s} are", "the format `s` does not fit the type int", 14),
        ('"{options.most}"}', '"{config.Strategy}"}', "the type int is required here, but this is string", 17),
        ('"{options.most}"}', '"{options.most} or so"}', "a single expression or a constant", 17),
        ('"{options.most}"}', '"many"}', "the type int is required here, but this is string", 17),
        ("safety: unsafe", 'safety: "{options.most}"', "the type string is required here, but this is int", 16),
        ('["https://example.com/policy"]', "[]", "a built-in rule needs `sources`", 18),
        ("## Instead", "## Otherwise", "`## Instead`", 20),
        ("### Found\n", "", "must be below `### Found`", 27),
        ("### Clean\n", "", "no example below `### Clean`", 20),
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
        load_rules([tmp_path])
    assert reason in caught.value.reason
    assert caught.value.file == path.as_posix()
    assert caught.value.line == line, str(caught.value)
    assert str(caught.value).startswith(f"{path.as_posix()}:{line}:")


def test_a_column_points_into_a_folded_condition(tmp_path: Path) -> None:
    """Places survive YAML's folding of the condition's lines."""
    write(tmp_path, SOUND.replace("> options.most\n", "> options.mist\n"))
    with pytest.raises(RuleError) as caught:
        load_rules([tmp_path])
    line = SOUND.replace("> options.most\n", "> options.mist\n").splitlines()[caught.value.line - 1]
    assert line[caught.value.column - 1 :].startswith(".mist")


@pytest.mark.parametrize("name", ["policy/Too_Many.md", "Our rules/too-many-trials.md"])
def test_names_and_categories_follow_the_convention(tmp_path: Path, name: str) -> None:
    """A file that is in the wrong place is not silently another category."""
    write(tmp_path, SOUND, name)
    with pytest.raises(RuleError):
        load_rules([tmp_path])


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    """A rule is known by its category and name, whatever folders it is found in."""
    write(tmp_path, SOUND)
    write(tmp_path, SOUND, "strategy/too-many-trials.md")
    assert len(load_rules([tmp_path])) == 2
    write(tmp_path, SOUND, "more/strategy/too-many-trials.md")
    with pytest.raises(RuleError, match="is taken by"):
        load_rules([tmp_path])


MORE = [
    ("precision: high", "precision: !very high", "YAML parses this as a tag", 4),
    ("scope: job", "scope: job\nscope: training", "duplicate key `scope`", 5),
    ('"{options.most}"}', "-4}", "the API takes at least 1 here", 17),
    ("  most: {default: 10, help: The most trials}", "  most: {default: 10, help: a}\n  mist: {default: 1, help: b}",
     "the option `mist` is not used", 9),
    ("limits.MaxNumberOfTrainingJobs != null", "limts.MaxParallelTrainingJobs != null", "unknown name `limts", 10),
    ("!= null &&", "!= null and", "write `&&` instead of `and`", 10),
    ("> options.most", "= options.most", "`=` is not an operator", 11),
    ("level: warning", "level: {options.most > 1}", "in quotes that selects", 3),
    ("since: 0.1.0", "since: 1.0", "a version X.Y.Z in quotes", 6),
    ("!= null &&", "!= null && job.form == 'cloud-formation' &&",
     '"cloud-formation" is not one of the possible values', 10),
    ("> options.most", "> '200'", "an int cannot be ordered with a string", 11),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "reason", "line"), MORE)
def test_common_mistakes_have_plain_messages(tmp_path: Path, old: str, new: str, reason: str, line: int) -> None:
    """Once, at its place, and without the words of the parsers underneath."""
    assert old in SOUND
    error = refused(tmp_path, SOUND.replace(old, new, 1))
    assert reason in error.reason
    assert error.line == line, str(error)


LETS = SOUND.replace(
    "when: >-\n  limits.MaxNumberOfTrainingJobs != null &&\n  limits.MaxNumberOfTrainingJobs > options.most\n",
    "let:\n  given: limits.MaxNumberOfTrainingJobs != null\n  too_many: limits.MaxNumberOfTrainingJobs > options.most\n"
    "when: given && too_many\n",
)


def refused(folder: Path, text: str) -> RuleError:
    """The first mistake of a rule."""
    write(folder, text)
    with pytest.raises(RuleError) as caught:
        load_rules([folder])
    return caught.value


def test_what_let_names_stands_for_its_expression(tmp_path: Path) -> None:
    """It is checked where it is used, with what is known there: `too_many` alone could meet a null."""
    write(tmp_path, LETS)
    assert load_rules([tmp_path])[0].lets.keys() == {"given", "too_many"}
    error = refused(tmp_path, LETS.replace("given && too_many", "too_many"))
    assert "can be null" in error.reason
    assert LETS.splitlines()[error.line - 1].lstrip().startswith(("too_many", "given"))


@pytest.mark.parametrize(
    ("old", "new", "reason", "place"),
    [
        ("limits.MaxNumberOfTrainingJobs > options.most", "limits.MaxNumberOfTrainingJob > 1", "no member", ".MaxNumb"),
        ("limits.MaxNumberOfTrainingJobs > options.most", "given || too_many", "defined in terms of itself", "given"),
        ("when: given", "  budget: 'true'\nwhen: given", "is already defined for every rule", "budget"),
        ("when: given", "  unused: 'true'\nwhen: given", "is not used", "unused"),
        ("too_many: l", "too-many: l", "let", "let"),
    ],
)
def test_an_error_in_a_let_is_reported_at_its_place(
    tmp_path: Path, old: str, new: str, reason: str, place: str
) -> None:
    """The place is in the `let`, not in the expressions that use it."""
    text = LETS.replace(old, new, 1)
    error = refused(tmp_path, text)
    assert reason in error.reason
    if reason != "defined in terms of itself" and place != "let":
        line = text.splitlines()[error.line - 1]
        assert line[error.column - 1 :].lstrip().startswith(place) or place in line


def test_names_cannot_multiply_without_end(tmp_path: Path) -> None:
    """Twenty names, each twice the one before, are refused at once: an untrusted rule costs nothing."""
    lets = "".join(f"  n{i}: n{i - 1} && n{i - 1}\n" for i in range(1, 21))
    text = LETS.replace("when: given", f"  n0: given\n{lets}when: n20 && given")
    assert "longer than 4000 characters" in refused(tmp_path, text).reason


@pytest.mark.parametrize(
    ("level", "reason"),
    [
        ("\"{budget.parallel > 9 ? 'error' : 'warning'}\"", None),
        ("\"{budget.parallel > 9 ? 'grave' : 'warning'}\"", "error, warning or note"),
        ('"{config.Strategy}"', "select one of them with `?:`"),
        ('"{budget.parallel}"', "the type string is required"),
        ("\"{config.RandomSeed > 1 ? 'error' : 'warning'}\"", "can be null"),
    ],
)
def test_a_level_is_one_of_three_whatever_the_job(tmp_path: Path, level: str, reason: str | None) -> None:
    """An expression chooses between levels that are written in it, so that the page can list them."""
    text = SOUND.replace("level: warning", f"level: {level}")
    if reason is None:
        write(tmp_path, text)
        assert load_rules([tmp_path])[0].levels == ("error", "warning")
    else:
        assert reason in refused(tmp_path, text).reason


MEASURED = "measured: early-stopping, where: [config.Strategy, budget.trials,"
SENTENCES = [
    ('{when: budget.parallel > 1, say: "a", otherwise: "b"}', None),
    ('{when: budget.parallel > 1, say: "a"}', "give it an `otherwise`"),
    ('{when: budget.parallel, say: "a", otherwise: "b"}', "bool is required"),
    ('{say: "a", also: "b"}', "message"),
    ('"{fix}"', None),
    ('"MaxParallelTrainingJobs is much"', "put it in backticks"),
    ('"`MaxParallelTrainingJobs` and `Random` and `Strategy: Bayesian`"', None),
    ('"set `MaxParalelTrainingJobs: 3`"', "not a member of the API"),
    ('"{names}"', "unknown name `names`"),
    (f'"a"\n  - {{{MEASURED} budget.parallel], say: "Measured: {{measured}}"}}', None),
    ('"a"\n  - {measured: paralelism, where: [budget.trials], say: "{measured}"}', "no experiment `paralelism`"),
    ('"a"\n  - {measured: early-stopping, where: [budget.trials], say: "{measured}"}', "has 1 values"),
    (f'"a"\n  - {{{MEASURED} budget.most], say: "{{measured}}"}}', "no member `most`"),
    ('"a"\n  - "{measured}"', "the name of an experiment"),
    ('"a"\n  - {when: "true", say: "b", otherwise: "{measured}"}', "the name of an experiment"),
]


@pytest.mark.parametrize(("sentence", "reason"), SENTENCES)
def test_a_sentence_is_checked_as_strictly_as_a_condition(tmp_path: Path, sentence: str, reason: str | None) -> None:
    """Conditions, members of the API and names that only rules with a `group` have."""
    text = SOUND.replace('"{limits.MaxNumberOfTrainingJobs} trials, and {options.most} are allowed"', sentence)
    if reason is None:
        write(tmp_path, text)
        assert load_rules([tmp_path])
    else:
        assert reason in refused(tmp_path, text).reason


def test_what_a_rule_observes_is_declared(tmp_path: Path) -> None:
    """A misspelt kind or member is refused when the rule is loaded, not taken for something that is never there."""
    observing = """---
summary: A probe
level: note
precision: low
scope: observation
since: 0.1.0
observes: argument-dropped
message: ["`{observation.name}` is dropped"]
sources: ["https://example.com"]
---
## Why
## Instead
## Examples
### Found
```python
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
e = Estimator("image", "arn:aws:iam::111122223333:role/r", 1, "ml.m5.large", max_runtime=600)
HyperparameterTuner(e, "loss", {"eta": ContinuousParameter(0.1, 0.5)}, max_jobs=2).fit()
```
### Clean
```json
{"Strategy": "Random"}
```
"""
    write(tmp_path, observing)
    assert load_rules([tmp_path])
    assert "no member `neer`" in refused(tmp_path, observing.replace("observation.name", "observation.neer")).reason
    assert "no reader observes" in refused(tmp_path, observing.replace("argument-dropped", "argument-lost")).reason
    assert (
        "only allowed together"
        in refused(tmp_path, observing.replace("observes: argument-dropped\n", "when: 'true'\n")).reason
    )
