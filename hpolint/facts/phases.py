"""What the words of metrics and options say: the phase that they belong to, and what is measured."""

from __future__ import annotations

from collections.abc import Sequence

from hpolint.lazy_regex import lazy_regex

PHASES = {
    **dict.fromkeys(("train", "training"), "training"),
    **dict.fromkeys(("eval", "evaluation", "val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
    **dict.fromkeys(("predict", "prediction", "inference"), "inference"),
}
"""Words of names that belong to one phase of a script."""

EVALUATING = ("validation", "test")
"""The phases that measure a model on rows that it is not fitted to."""

MINIMIZE = frozenset(
    {"loss", "rmse", "rmsle", "mse", "mae", "mape", "smape", "logloss", "mlogloss", "wer", "cer", "error", "merror"}
    | {"perplexity", "nll", "crossentropy", "bce", "brier"}
)
"""Words of metrics that are better when smaller."""

MAXIMIZE = frozenset(
    {"accuracy", "acc", "auc", "auroc", "aucpr", "auprc", "f1", "precision", "recall", "map", "iou", "miou", "dice"}
    | {"jaccard", "r2", "ndcg", "mcc", "kappa", "bleu", "rouge", "psnr", "ssim", "spearman"}
)
"""Words of metrics that are better when larger."""

SAME_MEASURE = {"acc": "accuracy", "crossentropy": "loss", "auroc": "auc"}
"""Words that stand for another word of a metric."""

SEPARATOR = lazy_regex(r"[^A-Za-z0-9]+")
CAMEL_CASE = lazy_regex(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")


def words_of(text: str) -> list[str]:
    """The words of a name in lower case: ``val``, ``accuracy`` for ``valAccuracy``; ``map`` for ``mAP``."""
    words: list[str] = []
    for piece in SEPARATOR.split(text):
        if piece.lower() in MINIMIZE | MAXIMIZE:
            words.append(piece.lower())
        else:
            words += [word.lower() for word in CAMEL_CASE.findall(piece)]
    return words


def phase_of(words: Sequence[str]) -> str | None:
    """The phase that the last word with one names; None if none does."""
    phases = [PHASES[word] for word in words if word in PHASES]
    return phases[-1] if phases else None


def measures_of(words: Sequence[str]) -> set[str]:
    """What some words say is measured, such as ``loss`` or ``accuracy``."""
    return {SAME_MEASURE.get(word, word) for word in words if word in MINIMIZE | MAXIMIZE}
