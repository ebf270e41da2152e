"""The output of ``hpolint diff``, and the reasons for which it fails."""

from __future__ import annotations

import os
import sys

from msgspec.structs import replace

from hpolint.cli.write_reports import coloured
from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.cost.configured_prices import NONE, prices_of
from hpolint.cost.prices import Prices
from hpolint.diff.comparison import Comparison, compare
from hpolint.diff.git import Repository, repository_of
from hpolint.diff.phrases import name
from hpolint.io.escaping import is_terminal
from hpolint.model.settings import ConfigError


def comparison_of(
    base: str, head: str | None, options: CheckOptions, processes: int, git_dir: str | None = None
) -> Comparison:
    """The comparison of two revisions, or of one and the working tree; ``A...B`` starts at their merge base.

    ``git_dir`` is the bare repository that the user names; without it, the repository of the working folder is read.
    Raises ConfigError.
    """
    repository = repository_of(".", git_dir)
    first, last = _commits(repository, base, head)
    if last is None and repository.is_bare:
        raise ConfigError("a bare repository has no working tree: name two revisions")
    configs = tuple(os.path.abspath(each) if os.path.isfile(each) else each for each in options.configs)
    policy = os.path.abspath(options.policy) if os.path.isfile(options.policy) else options.policy
    options = replace(options, configs=configs, policy=policy)
    return compare(repository, first, last, options, lambda root: _prices(options, root), processes)


def _prices(options: CheckOptions, root: str) -> Prices | None:
    """The prices of the configuration in this folder; a price file that is missing here is read from the root."""
    configured = dict(Configurations(options).of_folder(".").settings.cost)
    named = configured.get("prices")
    if named is not None and named != NONE and not os.path.exists(named):
        configured["prices"] = os.path.join(root, named)
    return prices_of(configured)


def _commits(repository: Repository, base: str, head: str | None) -> tuple[str, str | None]:
    one, dots, other = base.partition("...")
    if dots and head is not None:
        raise ConfigError(f"`{base}` names both revisions: leave out `{head}`")
    if dots:
        last = repository.commit(other or "HEAD")
        return repository.merge_base(repository.commit(one or "HEAD"), last), last
    return repository.commit(base), repository.commit(head) if head is not None else None


def comparison_text(comparison: Comparison, output: str, colour: str) -> str:
    """The comparison in one of the output formats."""
    from hpolint.diff.rendering import json_comparison, markdown_comparison, text_comparison
    from hpolint.reporters.text import terminal_width

    if output == "json":
        return json_comparison(comparison)
    if output == "markdown":
        return markdown_comparison(comparison)
    terminal = is_terminal(sys.stdout)
    width = terminal_width() if terminal else None
    return text_comparison(comparison, width=width, colour=coloured(colour, terminal=terminal))


def parse_increase(text: str) -> float:
    """The allowed increase as a fraction, from ``20%`` or ``0.2``. Raises ConfigError."""
    try:
        value = float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ConfigError(f"--fail-on-increase: `{text}` is not a percentage (for example 20%)")
    if value > 1 and not text.strip().endswith("%"):
        raise ConfigError(f"--fail-on-increase: `{text}` is ambiguous: write `{text}%` or `{value * 100:g}%`")
    return value


def failure_reasons(comparison: Comparison, *, increase: str | None, new: bool, unknown: bool) -> list[str]:
    """The reasons for which the comparison fails, one per line; empty if it passes. Raises ConfigError."""
    reasons = []
    if increase is not None:
        limit, increased = parse_increase(increase), comparison.increase()
        if increased is None or increased > limit:
            growth = "from zero" if increased is None else f"by {increased * 100:.0f} %"
            reasons.append(f"worst-case hours or money grow {growth}, and {increase} is allowed")
        reasons += [f"{name(each)} has no limit on its instance-hours ({each.place})" for each in comparison.unbounded]
    if new and comparison.severe:
        count = len(comparison.severe)
        reasons.append(f"{count} new warning{' or error' if count == 1 else 's or errors'}")
    lost = [each for each in comparison.jobs if each.becomes_unknown]
    if unknown and lost:
        reasons.append(f"the worst-case cost of {len(lost)} job{'' if len(lost) == 1 else 's'} is no longer known")
    return reasons
