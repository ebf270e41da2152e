"""A fix that renames a tuned parameter also changes the code that reads it from the results, or is not written."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Command
from tests.fixes import fix_edits, fixed_text, text_with
from tests.harness.notebooks import notebook

RULE = "unknown-hyperparameter"
JOB = """from sagemaker import HyperparameterTuningJobAnalytics
from sagemaker.estimator import Estimator
from sagemaker.tuner import HyperparameterTuner, IntegerParameter
image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
estimator = Estimator(image, "role/r", 1, "ml.m5.large")
estimator.set_hyperparameters(num_round=100)
tuner = HyperparameterTuner(estimator, "validation:rmse", {"max_dept": IntegerParameter(3, 9)}, max_jobs=8)
tuner.fit()
"""
SECOND = """second = HyperparameterTuner(estimator, "m", {"max_dept": IntegerParameter(3, 9)}, max_jobs=8)
second.fit()
second.analytics().dataframe()["max_dept"]"""
TRACED = [
    'tuner.best_estimator().hyperparameters()["max_dept"]',
    "best = tuner.best_estimator()\nhp = best.hyperparameters()\nprint(hp['max_dept'], hp.get('max_dept'))",
    'tuner.analytics().dataframe()["max_dept"]',
    'df = tuner.analytics().dataframe()\ndf = df.sort_values("max_dept")\ndf[["max_dept", "x"]].plot(x="max_dept")',
    "df = tuner.analytics().dataframe()\nfor _, row in df.iterrows():\n    print(f\"{row['max_dept']}\")",
    "df = tuner.analytics().dataframe()\nprint(df.max_dept.max())",
    'tuner.describe()["BestTrainingJob"]["TunedHyperParameters"]["max_dept"]',
    'name = tuner.latest_tuning_job.name\nHyperparameterTuningJobAnalytics(name).dataframe()["max_dept"]',
    'found = Estimator.attach(tuner.best_training_job())\nfound.hyperparameters()["max_dept"]',
    '"max_dept" in tuner.best_estimator().hyperparameters()',
]


@pytest.mark.parametrize("reader", TRACED)
def test_readers_of_the_results_get_the_new_name(reader: str) -> None:
    """In whatever way the program reaches the best trial or the table of trials, in a module and in a later cell."""
    expected = reader.replace("max_dept", "max_depth")
    assert fixed_text("t.py", f"{JOB}{reader}\n", RULE) == f"{JOB.replace('max_dept', 'max_depth')}{expected}\n"
    after = json.loads(fixed_text("n.ipynb", notebook(JOB, reader), RULE))
    assert [cell["source"] for cell in after["cells"]] == [JOB.replace("max_dept", "max_depth"), expected]


@pytest.mark.parametrize(
    "use",
    [
        'plot(tuner.analytics().dataframe(), "max_dept")',
        'hp = load()\nprint(hp["max_dept"])',
        'hp = tuner.best_estimator().hyperparameters()\nhp = load()\nprint(hp["max_dept"])',
        'def show(tuner):\n    return tuner.analytics().dataframe()["max_dept"]',
        'tuner = HyperparameterTuner.attach("earlier")\ntuner.analytics().dataframe()["max_dept"]',
        'column = "max_dept"\ntuner.analytics().dataframe()[column]',
        'tuner.analytics().dataframe().rename(columns={"a": "max_dept"})',
        'a = b = c\nb = a\na["max_dept"]',
    ],
)
def test_another_use_of_the_old_name_is_named_and_the_fix_is_not_written(use: str) -> None:
    """What it reads is not known: the reason names its cell and line, and the offer stands in the report."""
    line = 1 + next(number for number, text in enumerate(use.split("\n")) if "max_dept" in text)
    for name, text, place in (
        ("t.py", JOB + use, f"line {JOB.count(chr(10)) + line}"),
        ("n.ipynb", notebook(JOB, use), f"cell 2, line {line}"),
    ):
        (plan,) = [each for each in fix_edits(name, text)[1] if each.finding.rule.name == RULE]
        assert plan.reason == (
            f"the old name `max_dept` is also used in {place}, perhaps to read the results of this job:"
            " change the name there, too"
        )
        assert plan.finding.fix is not None
        assert plan.finding.fix.safety == "unsafe"


def test_places_that_hpolint_does_not_parse_are_named_too(hpolint: Command) -> None:
    """Cells of a shell, files that cells write, lines for IPython, and modules that import this one; at most three."""
    cells = [
        "%%writefile report.py\nprint(load()['max_dept'])",
        "!grep '\"max_dept\"' x",
        "x = = 1\n'max_dept'",
        "'max_dept'",
    ]
    (plan,) = [each for each in fix_edits("n.ipynb", notebook(JOB, *cells))[1] if each.finding.rule.name == RULE]
    places = "cell 5, line 1, cell 2, line 2, cell 3, line 1 and 1 more"
    assert plan.reason is not None
    assert f"is also used in {places}, perhaps" in plan.reason
    hpolint.write("t.py", JOB)
    hpolint.write("report.py", "from t import tuner\nprint(tuner.best_estimator().hyperparameters()['max_dept'])\n")
    run = hpolint("check", "--fix", "--unsafe-fixes", "--select", RULE)
    assert b"the old name `max_dept` is also used in report.py" in run.stdout
    assert (hpolint.folder / "t.py").read_text() == JOB


@pytest.mark.parametrize(
    "beside",
    [
        'other = Estimator(image, "role/r", 1, "ml.m5.large", hyperparameters={"max_dept": 3})\nother.fit()',
        'hyperparameters = {"max_dept": 3}\nhyperparameters\nEstimator(image, hyperparameters=hyperparameters).fit()',
        'print("a max_dept of 3 is best")',
        SECOND,
    ],
)
def test_what_reads_nothing_from_these_results_stays(beside: str) -> None:
    """Values for another training, words in a sentence, and the readers of another tuner."""
    text = f"{JOB}{beside}\n"
    first, *_ = [each for each in fix_edits("t.py", text)[1] if each.finding.rule.name == RULE]
    assert first.reason is None
    assert text_with([first]) == f"{JOB.replace('max_dept', 'max_depth')}{beside}\n"


def test_tuners_that_share_their_ranges_are_renamed_with_the_readers_of_both() -> None:
    """One dict is one edit, and no reader is left with the old name."""
    text = JOB.replace('{"max_dept": IntegerParameter(3, 9)}', "ranges").replace(
        "tuner =", 'ranges = {"max_dept": IntegerParameter(3, 9)}\ntuner ='
    )
    text += 'other = HyperparameterTuner(estimator, "m", ranges, max_jobs=4, strategy="Random")\nother.fit()\n'
    text += 'print(tuner.describe()["max_dept"], other.describe()["max_dept"])\n'
    assert fixed_text("t.py", text, RULE) == text.replace("max_dept", "max_depth")


TUNED_AND_STATIC = (
    "the static value of `max_depth` (line 6) contradicts the new name, since a hyperparameter is either tuned or"
    " static: remove it first"
)
SENT_AGAIN = (
    "the static value of `max_dept` (line 6), which the range replaces, would be sent again: rename or remove it, too"
)


@pytest.mark.parametrize(("static", "reason"), [("max_depth=5", TUNED_AND_STATIC), ("max_dept=5", SENT_AGAIN)])
@pytest.mark.parametrize("trained", ["", "estimator.fit()\n"])
def test_a_name_that_also_has_a_static_value_is_not_written(static: str, trained: str, reason: str) -> None:
    """The SDK sends a static value only beside a range of another name: the reason says what becomes of it."""
    text = JOB.replace("num_round=100", f"num_round=100, {static}").replace("tuner =", f"{trained}tuner =")
    (plan,) = [each for each in fix_edits("t.py", text)[1] if each.finding.rule.name == RULE]
    assert (plan.reason, plan.is_fault) == (reason, False)
