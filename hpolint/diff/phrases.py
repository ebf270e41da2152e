"""What a comparison says, piece by piece: the same in the terminal, in Markdown and for programs."""

from __future__ import annotations

from decimal import Decimal
from itertools import takewhile

from msgspec.structs import replace

from hpolint.cost.amounts import amount, number
from hpolint.cost.estimate import Estimate
from hpolint.diff.comparison import Comparison, JobChange
from hpolint.diff.fields import Change
from hpolint.facts.worst_case_cost import Figure
from hpolint.io.escaping import BRIEF
from hpolint.model.finding import Finding
from hpolint.model.message_text import job_name
from hpolint.model.node import Path

NOT_SET = "not set"
CONTEXT = 12
"""Signs of what two long values have in common that are told before what differs."""

LISTS = ("Ranges", "Channels", "Definitions", "Tags", "MetricDefinitions", "InputDataConfig", "InstanceGroups")


def name(change: JobChange) -> str:
    """What people call a job."""
    return job_name(change.job)


def label(change: Change, job: JobChange) -> str:
    """A field's name, as the source has it; of an item with its name before it: ``eta.MaxValue``."""
    leaf = str(change.key[-1]) if change.key else ""
    path = (change.after or change.before).path if change.after or change.before else ()  # type: ignore[union-attr]
    spelt = job.job.spelling.at(path).name(leaf) if leaf != "…" else leaf
    above = _item(change.key)
    return f"{above}.{spelt}" if above is not None else spelt


def _item(key: Path) -> str | None:
    """The item of a list that a field is of, as a range's name."""
    for at in range(len(key) - 2, 0, -1):
        if str(key[at - 1]).endswith(LISTS):
            return str(key[at])
    return None


def field_words(change: Change, job: JobChange) -> str:
    """``max_jobs: 20 → 200``; what was not there, or is not any more, is told as that."""
    before, after = shown(change)
    if change.becomes_written:
        return f"{label(change, job)}: {after}, which was the default"
    return f"{label(change, job)}: {before} → {after}"


def shown(change: Change) -> tuple[str, str]:
    """Both values for people; of long ones that begin alike the parts that differ."""
    one, other = change.before, change.after
    if one is None or other is None:
        return one.shown() if one is not None else NOT_SET, other.shown() if other is not None else NOT_SET
    alike = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one.text, other.text, strict=False))))
    if max(len(one.text), len(other.text)) <= BRIEF or alike <= CONTEXT or one.is_unknown or other.is_unknown:
        return one.shown(other), other.shown(one)
    start = alike - CONTEXT
    return replace(one, text=f"…{one.text[start:]}").shown(), replace(other, text=f"…{other.text[start:]}").shown()


def hours_words(change: JobChange) -> str:
    """The worst case, before and after."""
    if change.is_unread:
        return f"{_hours(change.before)} instance-hours at worst → open, since the file cannot be read"
    if change.before is None or change.after is None:
        found = change.after or change.before
        if found is not None and found.hours.unbounded:
            return "no limit of instance-hours"
        return f"{_hours(found)} instance-hours at worst{_money(found)}{_default(found)}"
    if change.after.hours.unbounded:
        return f"{_hours(change.before)} → no limit of instance-hours"
    before, after = change.hours
    same = _hours(change.before) == _hours(change.after)
    told = f"{'' if same else f'{_hours(change.before)} → '}{_hours(change.after)} instance-hours at worst"
    told += f" ({difference(before, after)})" if before is not None and after is not None and before != after else ""
    told += _moved_money(change.before, change.after)
    return told + (", by limits that are written now" if change.becomes_written else _default(change.after))


def _hours(found: Estimate | None) -> str:
    return amount(found.hours) if found is not None else "0"


def _money(found: Estimate | None) -> str:
    if found is None or found.prices is None or found.money is None or found.money.amount is None:
        return ""
    return f", {amount(found.money, money=True)} {found.prices.currency}"


def _moved_money(before: Estimate, after: Estimate) -> str:
    """The price after, and the one before where that is another."""
    one, other = _money(before), _money(after)
    if one and not other and after.hours.amount is not None:
        return f"{one} before and no price now"
    if not one or one == other or before.money is None:
        return other
    return f", {amount(before.money, money=True)} →{other.removeprefix(',')}"


def _default(found: Estimate | None) -> str:
    if found is None or found.is_written or found.hours.amount is None:
        return ""
    return ", by defaults alone"


def difference(before: Decimal, after: Decimal) -> str:
    """``+720, +900 %``; from nothing there is no part to tell."""
    told = f"{'+' if after >= before else '−'}{number(abs(after - before))}"
    return f"{told}, {part(before, after)}" if before else told


def part(before: Decimal, after: Decimal) -> str:
    """By which part something grew, in hundredths."""
    share = (after - before) / before * 100
    return f"{'+' if share >= 0 else '−'}{number(abs(share))} %"


def finding_words(finding: Finding) -> str:
    """``warning[compute/missing-spot] Spot capacity is off…``: the first sentence."""
    return f"{finding.level}[{finding.rule.id}] {finding.text[0]}"


def counted(found: Comparison) -> str:
    """How many jobs changed, in a line: ``tuning jobs: 2 changed, 1 new; 5 as before``."""
    kinds = [each.kind for each in found.jobs]
    told = [(kinds.count("changed"), "changed"), (kinds.count("added"), "new"), (kinds.count("removed"), "gone")]
    told.append((kinds.count("unread"), "not to be read any more"))
    parts = ", ".join(f"{count} {word}" for count, word in told if count)
    same = f"{kinds.count('same')} as before" if "same" in kinds else ""
    return f"tuning jobs: {'; '.join(filter(None, [parts or 'none changed', same]))}"


def total_words(found: Comparison) -> str:
    """The total over the jobs that are known in both states."""
    before, after = found.totals
    told = f"{amount(Figure(before))} → {amount(Figure(after))} instance-hours at worst"
    told = f"{told} ({difference(before, after)})" if before != after else told
    one, other = found.money
    if found.currency is None or one == other:
        return told
    prices = f"{amount(Figure(one), money=True)} → {amount(Figure(other), money=True)} {found.currency}"
    told = f"{told}; {prices}" + (f" ({part(one, other)})" if one else "")
    few = found.unpriced
    return f"{told} without {few:,} job{'s that have' if few > 1 else ' that has'} no price" if few else told


def without_figure_words(found: Comparison) -> list[str]:
    """What could not be told, counted."""
    lost = [each for each in found.without_figure if each.lost_its_figure]
    others = len(found.without_figure) - len(lost)
    lines = []
    if found.unbounded:
        names = ", ".join(name(each) for each in found.unbounded[:5])
        lines.append(f"{len(found.unbounded)} without any limit now: {names}")
    if lost:
        names = ", ".join(name(each) for each in lost[:5])
        lines.append(f"{len(lost)} known before and open now: {names}")
    if others:
        lines.append(f"{others} changed or new that cannot be held against what was before")
    gone, hours = found.gone
    if gone:
        lines.append(f"{gone} gone, of {amount(Figure(hours))} instance-hours at worst")
    return lines
