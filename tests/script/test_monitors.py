"""What a script watches while it trains, and in which direction: where either is not certain, nothing is said."""

from __future__ import annotations

import pytest

from tests.facts.test_script import facts

KERAS = "from tensorflow.keras import callbacks as c\nimport keras\nmodel.fit(x, callbacks=[{}])\n"
LIGHTNING = "from pytorch_lightning import callbacks as c, Trainer\nTrainer(callbacks=[{}])\n"
LATER = "import lightning as L\nL.Trainer(callbacks=[L.pytorch.callbacks.{}])\n"
TORCH = "from torch.optim import lr_scheduler\nscheduler = lr_scheduler.ReduceLROnPlateau({})\nscheduler.step({})\n"


def misjudged(source: str) -> tuple[str, str, str] | None:
    """The metric that a script misjudges, for what, and the direction in which it looks."""
    known = facts(source)
    if known.misjudged is None:
        return None
    return str(known.misjudged), str(known.misjudged_for), str(known.misjudged_as)


@pytest.mark.parametrize(
    ("frame", "made", "expected"),
    [
        (KERAS, "c.EarlyStopping('val_loss', mode='max')", ("val_loss", "stopping", "max")),
        (KERAS, "c.EarlyStopping(mode='max')", ("val_loss", "stopping", "max")),
        (KERAS, "keras.callbacks.EarlyStopping('val_auc', 0, 3, 0, 'min')", ("val_auc", "stopping", "min")),
        (KERAS, "c.ReduceLROnPlateau('val_accuracy', 0.1, 3, 0, 'min')", ("val_accuracy", "rate", "min")),
        (KERAS, "c.ModelCheckpoint('m', 'val_loss', 0, True, False, 'max')", ("val_loss", "checkpoint", "max")),
        (KERAS, "c.ModelCheckpoint('m', mode='max')", None),
        (KERAS, "c.EarlyStopping('val_accuracy')", None),
        (KERAS, "c.ModelCheckpoint('m', 'val_loss', 0, True, False, 'max'), c.ModelCheckpoint('b')", None),
        (KERAS, "c.EarlyStopping('val_accuracy', mode='auto')", None),
        (KERAS, "c.EarlyStopping('val_loss', mode=mode)", None),
        (KERAS, "c.EarlyStopping(metric, mode='max')", None),
        (KERAS, "c.EarlyStopping('val_loss', **options)", None),
        (KERAS, "c.EarlyStopping('val_neg_loss', mode='max')", None),
        (KERAS, "c.EarlyStopping('val_score', mode='min')", None),
        (KERAS, "c.EarlyStopping('val_loss', mode='min')", None),
        (LIGHTNING, "c.EarlyStopping('val_loss', mode='max')", ("val_loss", "stopping", "max")),
        (LIGHTNING, "c.EarlyStopping('val_acc')", None),
        (LIGHTNING, "c.ModelCheckpoint(monitor='val_loss', mode='max')", ("val_loss", "checkpoint", "max")),
        (LIGHTNING, "c.ModelCheckpoint(monitor='val_loss', mode='max', save_top_k=-1)", None),
        (LIGHTNING, "c.ModelCheckpoint(mode='max')", None),
        (LIGHTNING + "Trainer(devices=1)\n", "c.EarlyStopping('val_acc')", ("val_acc", "stopping", "min")),
        (LATER, "EarlyStopping('val_acc')", ("val_acc", "stopping", "min")),
        (LATER, "EarlyStopping(monitor='val_acc', mode='max')", None),
    ],
)
def test_callbacks(frame: str, made: str, expected: tuple[str, str, str] | None) -> None:
    """The arguments by name and place, and the defaults of each library."""
    assert misjudged(frame.format(made)) == expected


@pytest.mark.parametrize(
    ("arguments", "metric", "expected"),
    [
        ("optimizer, 'max'", "val_loss", ("val_loss", "rate", "max")),
        ("optimizer, mode='max'", "logs['val_loss']", ("val_loss", "rate", "max")),
        ("optimizer", "val_acc.item()", ("val_acc", "rate", "min")),
        ("optimizer", "-val_acc", None),
        ("optimizer", "1 - val_acc", None),
        ("optimizer", "val_acc)\nval_acc = 1 - correct / total\nscheduler.step(val_acc", None),
        ("optimizer", "val_loss", None),
        ("optimizer, 'max'", "val_loss)\nscheduler.step(val_acc", None),
        ("optimizer, 'max'", "val_loss)\nscheduler = other(", None),
    ],
)
def test_schedulers_of_pytorch(arguments: str, metric: str, expected: tuple[str, str, str] | None) -> None:
    """They watch what `step` gets, by its name."""
    assert misjudged(TORCH.format(arguments, metric)) == expected


@pytest.mark.parametrize(
    "source",
    [
        "from keras.callbacks import EarlyStopping\ndef stopping():\n    return EarlyStopping(mode='max')\n",
        "from keras.callbacks import EarlyStopping\nEarlyStopping(mode='max')\n",
        "from keras.callbacks import EarlyStopping\nstopping = EarlyStopping(mode='max')\n",
        "from mine import EarlyStopping\nfit(EarlyStopping(mode='max'))\n",
        "from keras.callbacks import EarlyStopping\nif False:\n    fit(EarlyStopping(mode='max'))\n",
        "from keras.callbacks import EarlyStopping\nfor mode in ('max', 'auto'):\n    fit(EarlyStopping(mode=mode))\n",
    ],
)
def test_what_is_not_used(source: str) -> None:
    """A callback that is not made, or goes nowhere, one of another library, and one that is made in both directions."""
    assert misjudged(source) is None
