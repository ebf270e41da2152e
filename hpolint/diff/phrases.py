"""The phrases of a comparison, shared by the text and Markdown output."""

from __future__ import annotations

from decimal import Decimal
from itertools import takewhile

from msgspec.structs import replace

from hpolint.cost.amounts import amount, defaults, number
from hpolint.cost.launch_sums import WorstCase
from hpolint.diff.compared_launches import JobLaunch, LaunchChange
from hpolint.diff.comparison import Comparison, JobChange
from hpolint.diff.fields import Change
from hpolint.facts.worst_case_cost import Figure
from hpolint.io.escaping import BRIEF
from hpolint.model.finding import Finding
from hpolint.model.launch import Certainty, launch_names
from hpolint.model.message_text import job_name, joined_words
from hpolint.model.node import Path

NOT_SET = "not set"
CERTAINTIES = {Certainty.SENT: "always", Certainty.PERHAPS: "perhaps", Certainty.ONE_OF: "as one of several"}
MAX_LAUNCH_LINES = 10
"""Lines about launches of one job that are new, about those that are removed, and about those that changed."""

CONTEXT_CHARACTERS = 12
"""Characters of the common prefix of two long values that are shown."""

LISTS = ("Ranges", "Channels", "Definitions", "Tags", "MetricDefinitions", "InputDataConfig", "InstanceGroups")


def name(change: JobChange) -> str:
    """The name of a job for people."""
    return job_name(change.job)


def label(change: Change, job: JobChange) -> str:
    """A field's name as the source writes it, after the name of its item: ``eta.MaxValue``."""
    leaf = str(change.key[-1]) if change.key else ""
    path = (change.after or change.before).path if change.after or change.before else ()  # type: ignore[union-attr]
    written_name = job.job.spelling.at(path).name(leaf) if leaf != "…" else leaf
    above = _item(change.key)
    return f"{above}.{written_name}" if above is not None else written_name


def _item(key: Path) -> str | None:
    """The name of the list item that contains a field, such as a range; None outside of lists."""
    for at in range(len(key) - 2, 0, -1):
        if str(key[at - 1]).endswith(LISTS):
            return str(key[at])
    return None


def field_words(change: Change, job: JobChange) -> str:
    """A change of a field: ``max_jobs: 20 → 200``; a missing value is ``not set``."""
    return f"{label(change, job)}: {_values(change)}"


def _values(change: Change) -> str:
    before, after = shown(change)
    return f"{after}, now explicit (was the default)" if change.becomes_written else f"{before} → {after}"


def launch_lines(job: JobChange, kind: str) -> list[str]:
    """The changes of one kind in a job's launches as lines, those with the same change together.

    ``in the launch from line 9: `max_jobs` 20 → 200``; for launches that only one state has,
    ``launch from line 9: `max_jobs` 200``.
    """
    alike: dict[str, list[LaunchChange]] = {}
    for change in job.launches:
        if change.kind == kind:
            alike.setdefault(_difference_words(change, job), []).append(change)
    lines = []
    for words, changes in list(alike.items())[:MAX_LAUNCH_LINES]:
        names = launch_names([change.launch for change in changes], changes[0].siblings)
        lines.append(f"in {names}{words}" if kind == "changed" else f"{names.removeprefix('the ')}{words}")
    more = sum(len(changes) for changes in list(alike.values())[MAX_LAUNCH_LINES:])
    if more:
        lines.append(f"… and {more:,} {'launch' if more == 1 else 'launches'} more")
    return lines


def _difference_words(change: LaunchChange, job: JobChange) -> str:
    """The values of a launch as the end of a phrase."""
    if change.kind != "changed":
        may_happen = "" if change.launch.is_sent else ", which may happen"
        values = [f"`{label(field, job)}` {_value(field)}" for field in change.fields]
        return f"{may_happen}: {', '.join(values)}" if values else may_happen
    words = [f"`{label(field, job)}` {_values(field)}" for field in change.fields]
    if change.changes_count:
        words.append(f"launches {_count(change.before)} → {_count(change.after)}")
    if change.changes_certainty:
        words.append(f"happens {_certainty(change.before)} → {_certainty(change.after)}")
    return f": {', '.join(words)}"


def _value(change: Change) -> str:
    field = change.after or change.before
    return field.shown() if field is not None else NOT_SET


def _count(launch: JobLaunch | None) -> str:
    return "not known" if launch is None or launch.count is None else f"{launch.count:,}"


def _certainty(launch: JobLaunch | None) -> str:
    return CERTAINTIES[launch.certainty] if launch is not None and launch.certainty is not None else NOT_SET


def shown(change: Change) -> tuple[str, str]:
    """Both values as text; two long ones without most of their common prefix."""
    one, other = change.before, change.after
    if one is None or other is None:
        return one.shown() if one is not None else NOT_SET, other.shown() if other is not None else NOT_SET
    alike = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one.text, other.text, strict=False))))
    if (
        max(len(one.text), len(other.text)) <= BRIEF
        or alike <= CONTEXT_CHARACTERS
        or one.is_unknown
        or other.is_unknown
    ):
        return one.shown(other), other.shown(one)
    start = alike - CONTEXT_CHARACTERS
    return replace(one, text=f"…{one.text[start:]}").shown(), replace(other, text=f"…{other.text[start:]}").shown()


def hours_words(change: JobChange) -> str:
    """The worst case before and after, as a phrase."""
    if change.is_unread:
        return f"{_hours(change.before)} instance-hours at worst → unknown, because the file cannot be read"
    if change.before is None or change.after is None:
        found = change.after or change.before
        if found is not None and found.hours.unbounded:
            return "no limit on instance-hours"
        return f"{_hours(found)} instance-hours at worst{_money(found)}{_default(found)}"
    if change.after.hours.unbounded:
        return f"{_hours(change.before)} → no limit on instance-hours"
    before, after = change.hours
    same = _hours(change.before) == _hours(change.after)
    text = f"{'' if same else f'{_hours(change.before)} → '}{_hours(change.after)} instance-hours at worst"
    text += f" ({difference(before, after)})" if before is not None and after is not None and before != after else ""
    text += _changed_money(change.before, change.after)
    return text + (", limits now explicit" if change.becomes_written else _default(change.after))


def _hours(found: WorstCase | None) -> str:
    return amount(found.hours) if found is not None else "0"


def _money(found: WorstCase | None) -> str:
    if found is None or found.money is None or found.money.amount is None:
        return ""
    currency = found.estimate.prices.currency if found.estimate.prices is not None else ""
    return f", {amount(found.money, money=True)} {currency}"


def _changed_money(before: WorstCase, after: WorstCase) -> str:
    """The cost after, and the cost before if it differs, as a suffix."""
    one, other = _money(before), _money(after)
    if one and not other:
        return f"{one} before, no price now" if after.hours.amount is not None else ""
    if not one or one == other or before.money is None:
        return other
    return f", {amount(before.money, money=True)} →{other.removeprefix(',')}"


def _default(found: WorstCase | None) -> str:
    """The defaults that a figure stands on, as a suffix: those of limits, and those of parameters."""
    if found is None or found.hours.amount is None:
        return ""
    assumed = f", if {joined_words(values)}" if (values := defaults(found.estimate)) else ""
    return assumed if found.estimate.is_written else f"{assumed}, default limits"


def difference(before: Decimal, after: Decimal) -> str:
    """A difference: ``+720, +900 %``; without the percentage from 0."""
    text = f"{'+' if after >= before else '−'}{number(abs(after - before))}"
    return f"{text}, {part(before, after)}" if before else text


def part(before: Decimal, after: Decimal) -> str:
    """The relative change as a percentage."""
    share = (after - before) / before * 100
    return f"{'+' if share >= 0 else '−'}{number(abs(share))} %"


def finding_words(finding: Finding) -> str:
    """A finding by its first sentence: ``warning[compute/missing-spot] Spot capacity is off…``."""
    return f"{finding.level}[{finding.rule.id}] {finding.text[0]}"


def counted(found: Comparison) -> str:
    """The numbers of jobs as a line: ``tuning jobs: 2 changed, 1 new; 5 unchanged``."""
    kinds = [each.kind for each in found.jobs]
    counts = [(kinds.count("changed"), "changed"), (kinds.count("added"), "new"), (kinds.count("removed"), "removed")]
    counts.append((kinds.count("unread"), "no longer readable"))
    parts = ", ".join(f"{count} {word}" for count, word in counts if count)
    same = f"{kinds.count('same')} unchanged" if "same" in kinds else ""
    return f"tuning jobs: {'; '.join(filter(None, [parts or 'none changed', same]))}"


def total_words(found: Comparison) -> str:
    """The total of the jobs known in both states, as a phrase."""
    before, after = found.totals
    text = f"{amount(Figure(before))} → {amount(Figure(after))} instance-hours at worst"
    text = f"{text} ({difference(before, after)})" if before != after else text
    one, other = found.money
    if found.currency is None or one == other:
        return text
    prices = f"{amount(Figure(one), money=True)} → {amount(Figure(other), money=True)} {found.currency}"
    text = f"{text}; {prices}" + (f" ({part(one, other)})" if one else "")
    unpriced = found.unpriced
    if not unpriced:
        return text
    jobs = "job that has" if unpriced == 1 else "jobs that have"
    return f"{text} without {unpriced:,} {jobs} no price"


def without_figure_words(found: Comparison) -> list[str]:
    """Lines about jobs that the total leaves out."""
    lost = [each for each in found.without_figure if each.becomes_unknown]
    others = len(found.without_figure) - len(lost)
    lines = []
    if found.unbounded:
        names = ", ".join(name(each) for each in found.unbounded[:5])
        lines.append(f"{len(found.unbounded)} without a limit now: {names}")
    if lost:
        names = ", ".join(name(each) for each in lost[:5])
        lines.append(f"{len(lost)} known before, unknown now: {names}")
    if others:
        lines.append(f"{others} changed or new without comparable figures")
    gone, hours = found.removed
    if gone:
        lines.append(f"{gone} removed, {amount(Figure(hours))} instance-hours at worst")
    return lines
