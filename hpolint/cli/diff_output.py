"""What ``hpolint diff`` prints, and when it fails."""

from __future__ import annotations

import os
import sys

from msgspec.structs import replace

from hpolint.cli.cost_output import NONE, prices_of
from hpolint.cli.write_reports import coloured
from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.cost.prices import Prices
from hpolint.diff.comparison import Comparison, compare
from hpolint.diff.git import Repository, repository_of
from hpolint.diff.phrases import name
from hpolint.io.escaping import is_terminal
from hpolint.model.settings import ConfigError

OUTPUTS = ("text", "json", "markdown")


def comparison_of(base: str, head: str | None, options: CheckOptions, processes: int) -> Comparison:
    """Two revisions, or one and the working tree; ``A...B`` begins where they part. Raises ConfigError."""
    repository = repository_of(".")
    first, last = _commits(repository, base, head)
    if last is None and repository.is_bare:
        raise ConfigError("a bare repository has no working tree: say two revisions")
    configs = tuple(os.path.abspath(each) if os.path.isfile(each) else each for each in options.configs)
    options = replace(options, configs=configs)
    return compare(repository, first, last, options, lambda root: _prices(options, root), processes)


def _prices(options: CheckOptions, root: str) -> Prices | None:
    """The prices of the configuration here; a file that is not in this folder is the one of the repository's."""
    said = dict(Configurations(options).of_folder(".").settings.cost)
    named = said.get("prices")
    if named is not None and named != NONE and not os.path.exists(named):
        said["prices"] = os.path.join(root, named)
    return prices_of(said)


def _commits(repository: Repository, base: str, head: str | None) -> tuple[str, str | None]:
    one, dots, other = base.partition("...")
    if dots and head is not None:
        raise ConfigError(f"`{base}` says both revisions: leave `{head}` out")
    if dots:
        last = repository.commit(other or "HEAD")
        return repository.merge_base(repository.commit(one or "HEAD"), last), last
    return repository.commit(base), repository.commit(head) if head is not None else None


def comparison_text(found: Comparison, output: str, colour: str) -> str:
    """The comparison in one of the outputs."""
    from hpolint.diff.rendering import json_comparison, markdown_comparison, text_comparison
    from hpolint.reporters.text import terminal_width

    if output == "json":
        return json_comparison(found)
    if output == "markdown":
        return markdown_comparison(found)
    terminal = is_terminal(sys.stdout)
    width = terminal_width() if terminal else None
    return text_comparison(found, width=width, colour=coloured(colour, terminal=terminal))


def share(text: str) -> float:
    """A part that may be added: ``20%`` or ``0.2``. Raises ConfigError."""
    try:
        value = float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ConfigError(f"--fail-on-increase: `{text}` is not a percentage (for example 20%)")
    if value > 1 and not text.strip().endswith("%"):
        raise ConfigError(f"--fail-on-increase: is `{text}` {text}%, or {value * 100:g}%? Say which")
    return value


def failing(found: Comparison, *, increase: str | None, new: bool, unknown: bool) -> list[str]:
    """Why the comparison fails, a line each. Raises ConfigError."""
    reasons = []
    if increase is not None:
        most, grown = share(increase), found.increase()
        if grown is None or grown > most:
            told = "from nothing" if grown is None else f"by {grown * 100:.0f} %"
            reasons.append(f"what jobs use at worst grows {told}, in hours or money, and {increase} is the most")
        reasons += [f"nothing bounds {name(each)} any more ({each.place})" for each in found.unbounded]
    if new and found.severe:
        count = len(found.severe)
        reasons.append(f"{count} new finding{'' if count == 1 else 's'} of a warning or an error")
    lost = [each for each in found.jobs if each.lost_its_figure]
    if unknown and lost:
        reasons.append(f"what {len(lost)} job{'' if len(lost) == 1 else 's'} cost at worst cannot be told any more")
    return reasons
