"""The four confirmatory contrasts of ``evidence/preregistration.md``, their test and their correction."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from evidence.published.searching import (
    Searched,
    bayesian_search,
    random_regret,
    random_trials,
    regret_after,
    share_of_good,
    trials_to_target,
)
from evidence.published.space import WRITTEN_RATE, PublishedSpace
from evidence.published.tables import Array, load, names
from evidence.searches import Range

LEVEL = 0.05
REPETITIONS = 40
LONG, SHORT = 100, 40
"""The trials of the contrasts of scales, and of the two others."""

SHOWN_AFTER = (20, 40, 100)
"""Trials after which the regret is shown."""

NOISE = 0.25
"""The limit of ``PublishedSpace.noise`` for the line without noisy ranges."""

RATES = (Range(1e-3, 0.1, "Logarithmic"), WRITTEN_RATE)
ALPHA = Range(1e-5, 1.0, "Logarithmic")


class Arm(NamedTuple):
    """A Bayesian search on a data set: ranges that are changed, and how many trials run at once."""

    data: str
    changed: tuple[tuple[str, Range], ...]
    at_once: int
    trials: int

    @property
    def space(self) -> PublishedSpace:
        return PublishedSpace(load(self.data), dict(self.changed))


class Outcome(NamedTuple):
    """The repetitions of an arm: trials to the target in long and short searches, and regrets after ``SHOWN_AFTER``."""

    long: Array
    short: Array
    regrets: Array
    seconds: float
    """Of processor time."""


def outcome_of(arm: Arm, repetitions: int = REPETITIONS) -> Outcome:
    """Run the repetitions of an arm. Those of two arms on one data set begin with the same random numbers."""
    began = time.process_time()
    space = arm.space
    searches = [searched(arm, space, repetition) for repetition in range(repetitions)]
    long = [trials_to_target(arm.trials, found, space) for found in searches]
    short = [trials_to_target(SHORT, found, space) for found in searches]
    after = [trials for trials in SHOWN_AFTER if trials <= arm.trials]
    regrets = [[regret_after(trials, found, space) for trials in after] for found in searches]
    return Outcome(np.array(long), np.array(short), np.array(regrets), time.process_time() - began)


def searched(arm: Arm, space: PublishedSpace, repetition: int) -> Searched:
    """One repetition of an arm."""
    seed = int.from_bytes(hashlib.sha256(f"{arm.data} {repetition}".encode()).digest()[:8], "big")
    return bayesian_search(space, arm.trials, arm.at_once, np.random.default_rng(seed))


def outcomes(arms: Iterable[Arm], jobs: int) -> dict[Arm, Outcome]:
    """The outcome of each arm, run in some processes."""
    own = list(arms)
    with ProcessPoolExecutor(jobs) as pool:
        return dict(zip(own, pool.map(outcome_of, own), strict=True))


def on_scales(data: str, name: str, own: Range) -> tuple[Arm, Arm]:
    """A range on a linear scale, and on a logarithmic one."""
    linear = Arm(data, ((name, own._replace(scale="Linear")),), 4, LONG)
    return linear, linear._replace(changed=((name, own),))


def all_arms() -> list[Arm]:
    """Every arm of the contrasts once."""
    arms: dict[Arm, None] = {}
    for data in names():
        for own in RATES:
            arms.update(dict.fromkeys(on_scales(data, "rate", own)))
        arms[at_once(data, 20)] = None
    for data in names("hpobench"):
        arms.update(dict.fromkeys(on_scales(data, "alpha", ALPHA)))
    return list(arms)


def at_once(data: str, count: int) -> Arm:
    """The usual ranges with so many trials at once. Four at once are the logarithmic arm of the rate."""
    return Arm(data, (("rate", WRITTEN_RATE),), count, LONG if count == 4 else SHORT)


class Effect(NamedTuple):
    """A contrast on one data set: the logarithm of the trials without the advice divided by those with it."""

    data: str
    without: float
    with_advice: float
    noise: float

    @property
    def log_ratio(self) -> float:
        return float(np.log(self.without / self.with_advice))


def rate_effects(found: dict[Arm, Outcome], own: Range) -> list[Effect]:
    """Contrast 1 for one of its ranges."""
    return [_of_scales(found, *on_scales(data, "rate", own)) for data in names()]


def alpha_effects(found: dict[Arm, Outcome]) -> list[Effect]:
    """Contrast 2."""
    return [_of_scales(found, *on_scales(data, "alpha", ALPHA)) for data in names("hpobench")]


def _of_scales(found: dict[Arm, Outcome], linear: Arm, logarithmic: Arm) -> Effect:
    without, with_advice = found[linear].long.mean(), found[logarithmic].long.mean()
    return Effect(linear.data, float(without), float(with_advice), linear.space.noise)


def strategy_effects(found: dict[Arm, Outcome]) -> list[Effect]:
    """Contrast 3: random against Bayesian search."""
    effects = []
    for data in names():
        arm = at_once(data, 4)
        space = arm.space
        without = random_trials(share_of_good(space), SHORT)
        effects.append(Effect(data, without, float(found[arm].short.mean()), space.noise))
    return effects


def parallel_effects(found: dict[Arm, Outcome]) -> list[Effect]:
    """Contrast 4: 20 against 4 at once."""
    effects = []
    for data in names():
        arm = at_once(data, 4)
        without = found[at_once(data, 20)].short.mean()
        effects.append(Effect(data, float(without), float(found[arm].short.mean()), arm.space.noise))
    return effects


def sign_flip_p(values: Array) -> float:
    """The two-sided p-value of a mean of 0, of all signs that the values may have.

    The least is 2 / 2 ** len(values).
    """
    signs = np.array(list(product((1, -1), repeat=len(values))))
    means = np.abs(signs @ values)
    return float((means >= abs(values.sum()) - 1e-12).mean())


def holm(p_values: dict[str, float], level: float = LEVEL) -> set[str]:
    """The contrasts that are shown: from the smallest p-value on, as long as each is at most level / those left."""
    shown: set[str] = set()
    for name, p_value in sorted(p_values.items(), key=lambda item: item[1]):
        if p_value > level / (len(p_values) - len(shown)):
            break
        shown.add(name)
    return shown


def contrasts(found: dict[Arm, Outcome]) -> dict[str, Any]:
    """The results of the four contrasts, by name."""
    by_rate = [rate_effects(found, own) for own in RATES]
    both = [np.mean([effect.log_ratio for effect in of_data]) for of_data in zip(*by_rate, strict=True)]
    logs = {
        "rate": np.array(both),
        "alpha": _logs(alpha_effects(found)),
        "strategy": _logs(strategy_effects(found)),
        "parallel": _logs(parallel_effects(found)),
    }
    p_values = {name: sign_flip_p(values) for name, values in logs.items()}
    shown = holm(p_values)
    if "strategy" not in shown or logs["strategy"].mean() <= 0:
        shown.discard("parallel")
    parts = {
        "rate": {_name(own): _lines(effects) for own, effects in zip(RATES, by_rate, strict=True)},
        "alpha": {_name(ALPHA): _lines(alpha_effects(found))},
        "strategy": {"Bayesian": _lines(strategy_effects(found))},
        "parallel": {"20 at once": _lines(parallel_effects(found))},
    }
    return {
        name: {
            "ratio": _rounded(np.exp(values.mean())),
            "better_on": int((values > 0).sum()),
            "of": len(values),
            "p": float(f"{p_values[name]:.2g}"),
            "is_shown": name in shown,
            "parts": parts[name],
        }
        for name, values in logs.items()
    }


def regrets(found: dict[Arm, Outcome]) -> list[dict[str, Any]]:
    """The mean regret of each kind of arm after ``SHOWN_AFTER`` trials, over the data sets of its contrast."""
    kinds: dict[str, list[Array]] = {}
    for arm, outcome in found.items():
        name, own = arm.changed[0]
        kind = f"{name} {_name(own)}, {own.scale}, {arm.at_once} at once"
        kinds.setdefault(kind, []).append(outcome.regrets.mean(0))
    lines = [_regret_line(kind, np.mean(of_data, axis=0)) for kind, of_data in kinds.items()]
    random = [[random_regret(trials, at_once(data, 4).space) for trials in SHOWN_AFTER] for data in names()]
    lines.append(_regret_line(f"rate {_name(WRITTEN_RATE)}, Logarithmic, random search", np.mean(random, axis=0)))
    return lines


def _regret_line(kind: str, values: Array) -> dict[str, Any]:
    after = zip(SHOWN_AFTER, values, strict=False)  # short searches have no regret after 100 trials
    return {"arm": kind, **{str(trials): _rounded(value) for trials, value in after}}


def _lines(effects: list[Effect]) -> dict[str, Any]:
    """The effects of a part, also without the ranges whose seeds differ too much."""
    quiet = [effect.log_ratio for effect in effects if effect.noise <= NOISE]
    return {
        "ratio": _rounded(np.exp(_logs(effects).mean())),
        "without_noisy": {"ratio": _rounded(np.exp(np.mean(quiet))), "of": len(quiet)},
        "data": {
            effect.data: {
                "without": _rounded(effect.without),
                "with": _rounded(effect.with_advice),
                "ratio": _rounded(np.exp(effect.log_ratio)),
                "noise": _rounded(effect.noise),
            }
            for effect in effects
        },
    }


def _logs(effects: list[Effect]) -> Array:
    return np.array([effect.log_ratio for effect in effects])


def _name(own: Range) -> str:
    return f"{own.low:g} to {own.high:g}"


def _rounded(value: float) -> float:
    return round(float(value), 3)
