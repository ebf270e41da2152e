"""Waivers: the findings of locked rules that somebody has approved until a day, and the findings that list them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from hpolint.io import disk
from hpolint.io.files import enclosing_repository, is_within, repository_root
from hpolint.io.git_remote import repository_name
from hpolint.lazy_regex import lazy_regex
from hpolint.model.finding import Finding, Suppressed, UndecidedJudgement
from hpolint.model.forms import PYTHON_SUFFIXES
from hpolint.model.ignore_comment import Suppression, today
from hpolint.model.job import TuningJob
from hpolint.model.launch import with_values
from hpolint.model.level import Level
from hpolint.model.message_parts import Sentence
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, walk
from hpolint.model.reasons import Kind
from hpolint.model.rule import Rule
from hpolint.model.source import FILE_START
from hpolint.registry.choosing import locking_settings

if TYPE_CHECKING:
    from hpolint.engine.grouping import Raised
    from hpolint.model.settings import Settings, Waiver

EMITTER = "waivers"
"""The ``emitted_by`` of the rule that lists waivers."""

WARNING_DAYS = 14
"""Days before the end of a waiver from which on its listing is a warning."""

DIGEST_CHARACTERS = 16

FILLED_BY_SDK = (Kind.CONFIG_FILE, Kind.SDK_ADDS, Kind.CODE_CHANNEL)
"""Values that the SDK may add, and the source says nothing about."""

NUMBER = lazy_regex(r"\d+")


class Waived(msgspec.Struct):
    """What the waivers of one file do: the findings that are left, those that are waived, and the listing of these."""

    left: list[Raised]
    suppressed: list[Suppressed[Finding]]
    listed: list[Finding]


def apply_waivers(
    raised: Iterable[Raised],
    settings: Settings,
    rules: tuple[Rule, ...],
    jobs: Iterable[TuningJob] = (),
    undecided: Iterable[UndecidedJudgement] = (),
) -> Waived:
    """Separate the findings that a waiver covers. A finding whose waiver does not apply says why.

    A waiver of a rule that one of the ``jobs`` meets is listed as not needed; not if the rule is ``undecided``.
    """
    found = Waived([], [], [])
    by_waiver: dict[tuple[str, TuningJob | None], tuple[Waiver, list[Finding]]] = {}
    raised = list(raised)
    for each in raised:
        job = each.finding.job
        of_rule = _waivers_of_rule(each.finding.rule, settings)
        waivers = [waiver for waiver in of_rule if job is not None and is_for(waiver, job)]
        reasons = [_reason(one, each.finding) for one in waivers]
        if None in reasons:
            waiver = waivers[reasons.index(None)]
            key = waiver.place, job
            by_waiver.setdefault(key, (waiver, []))[1].append(each.finding)
        else:
            found.left.append(_explained(each, [reason for reason in reasons if reason is not None]))
    listing = next((rule for rule in rules if rule.emitted_by == EMITTER), None)
    for waiver, findings in by_waiver.values():
        note = Suppression((waiver.rule,), f"{waiver.reason} ({_approval(waiver)})", waiver.until, FILE_START)
        found.suppressed += [Suppressed(finding, note) for finding in findings]
        found.listed += [_listing(listing, waiver, findings)] if listing is not None else []
    broken = {(each.finding.rule.id, each.finding.job) for each in raised}
    broken |= {(each.rule.id, each.job) for each in undecided}
    if listing is not None:
        waivers = list(_waivers(settings, rules))
        for job in jobs:
            unneeded = [one for one in waivers if (one.rule, job) not in broken and is_for(one, job)]
            found.listed += [_unneeded(listing, waiver, job) for waiver in unneeded]
    return found


def _waivers(settings: Settings, rules: tuple[Rule, ...]) -> Iterator[Waiver]:
    """The waivers of the files that lock the rules, for these."""
    if any(layer.silencing.waivers for layer in settings.with_above):
        for rule in rules:
            yield from _waivers_of_rule(rule, settings)


def _waivers_of_rule(rule: Rule, settings: Settings) -> list[Waiver]:
    """The waivers of the file that locks a rule, for this rule."""
    locking = locking_settings(rule, settings) if rule.fails_from is not None else None
    if locking is None:
        return []
    return [waiver for waiver in locking.silencing.waivers if waiver.rule == rule.id]


def is_for(waiver: Waiver, job: TuningJob) -> bool:
    """Whether a waiver names a job and its file."""
    if waiver.job and waiver.job != job_label(job):
        return False
    folder = os.path.dirname(job.source.name) or "."
    root = repository_root(folder)
    if waiver.repository and (repository_name(root) or "").lower() != waiver.repository.lower():
        return False
    return not waiver.file or disk.real(os.path.join(base_folder(waiver.folder, root), waiver.file)) == disk.real(
        job.source.name
    )


def base_folder(folder: str, root: str) -> str:
    """The folder that a waiver's file is relative to: its own if that is in the checked repository, else the root.

    Outside of a repository, its own counts if it is around the job: a name alone would be that of several files.
    """
    own = repository_root(folder)
    is_around = enclosing_repository(root) is None and is_within(root, own)
    return folder if own == root or is_around else root


def job_label(job: TuningJob) -> str:
    """The name by which a waiver names a job: its variable, its place in a document, or its own name."""
    return job.variable or job.carrier or job.name or ""


def _reason(waiver: Waiver, finding: Finding) -> str | None:
    """Why a waiver for a finding does not apply to it; None if it does."""
    if waiver.since is not None and today() < waiver.since:
        return f"The waiver in {waiver.place} begins on {waiver.since}"
    if today() > waiver.until:
        return f"The waiver in {waiver.place} ended on {waiver.until}"
    digest = definition_digest(finding.job) if finding.job is not None else ""
    if digest != waiver.digest and finding.job is not None and is_outdated(waiver, finding.job):
        return (
            "hpolint reads more of this definition than before: check, then replace the digest of the waiver in "
            f"{waiver.place} by {digest}"
        )
    if digest != waiver.digest:
        return f"The waiver in {waiver.place} is for another definition of this job: its digest is now {digest}"
    return None


def _explained(raised: Raised, reasons: list[str]) -> Raised:
    if not reasons:
        return raised
    sentences: tuple[Sentence, ...] = tuple((reason,) for reason in reasons)
    finding = replace(raised.finding, message=(*raised.finding.message, *sentences))
    return replace(raised, finding=finding, closing=(*raised.closing, *sentences))


def _listing(rule: Rule, waiver: Waiver, findings: list[Finding]) -> Finding:
    first = findings[0]
    count = f"{len(findings)} findings of " if len(findings) > 1 else ""
    days = (waiver.until - today()).days
    sentences = [
        f"{count}`{waiver.rule}` {'are' if count else 'is'} waived until {waiver.until}: {waiver.reason}",
        f"A{_approval(waiver)[1:]}, in {waiver.place}",
    ]
    is_ending = days < WARNING_DAYS
    if is_ending:
        when = f"It ends in {days} days"
        if days < 2:
            when = "It ends in 1 day" if days else "Today is its last day"
        sentences.append(f"{when}: after that, this is a finding again")
    level: Level = "warning" if is_ending else "note"
    message = tuple((sentence,) for sentence in sentences)
    mark = f"waiver {waiver.rule}"
    return Finding(rule, level, first.source, first.span, message, first.path, first.job, fingerprint=mark)


def _unneeded(rule: Rule, waiver: Waiver, job: TuningJob) -> Finding:
    sentences = (
        (f"`{waiver.rule}` is waived until {waiver.until}, but this job meets it",),
        (f"Remove the waiver in {waiver.place}",),
    )
    return Finding(
        rule, "note", job.source.name, job.request.anchor, sentences, (), job, fingerprint=f"unneeded {waiver.rule}"
    )


def _approval(waiver: Waiver) -> str:
    return f"approved by {waiver.approved_by}" + (f", {waiver.ticket}" if waiver.ticket else "")


def definition_digest(job: TuningJob) -> str:
    """A digest of a job's definition: any change of a value, or of the possible values of one, gives another.

    So does another launch with values of its own, or a change of how certain one is or how often it happens.
    """
    return _digest(job, _launches(job))


def is_outdated(waiver: Waiver, job: TuningJob) -> bool:
    """Whether a waiver has the digest that hpolint gave this definition before it told several launches apart."""
    return _launches(job) is not None and waiver.digest == _digest(job, None)


def _digest(job: TuningJob, launches: list[Any] | None) -> str:
    import hashlib  # slow to import, because of OpenSSL

    request = job.request
    if job.launches is not None and launches is not None:
        request = with_values(request, dict.fromkeys(job.launches.paths))
    definition = _plain(request)
    declarations = _declarations(job, request, has_launches=launches is not None)
    if declarations or launches is not None:
        definition = {"request": definition}
    if declarations:
        definition["declarations"] = declarations
    if launches is not None:
        definition["launches"] = launches
    text = json.dumps(definition, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_CHARACTERS]


def _launches(job: TuningJob) -> list[Any] | None:
    """The distinct launches of a job: their values, how certain they are, and how often they happen.

    None if it does not have several.
    """
    if job.launches is None or len(job.launches.each) < 2:
        return None
    counts: dict[str, int | None] = {}
    for launch in job.launches.each:
        values = [_plain(value) for value in launch.values]
        key = json.dumps([values, launch.certainty.value], sort_keys=True, default=str)
        before = counts.get(key, 0)
        counts[key] = before + launch.count if before is not None and launch.count is not None else None
    return [[key, counts[key]] for key in sorted(counts)]


def _declarations(job: TuningJob, request: Struct, *, has_launches: bool) -> list[str]:
    """What a Python source declares about the unknown values of its job's common request and of its launches."""
    nodes: list[Node] = [request]
    for launch in job.launches.each if job.launches is not None and has_launches else ():
        nodes += [value for value in launch.values if value is not None]
    unknowns = chain.from_iterable(map(_unknowns, nodes))
    places = {unknown.span for unknown in unknowns if unknown.kind not in FILLED_BY_SDK}
    declarations: list[str] = []
    if places and job.source.name.lower().endswith(PYTHON_SUFFIXES):
        from hpolint.readers.python.value_declarations import value_declarations

        declarations = value_declarations(job.source, places)
    return declarations


def _unknowns(root: Node) -> Iterator[Unknown]:
    for _, node in walk(root):
        if isinstance(node, Unknown):
            yield node
        elif isinstance(node, Array | Struct) and node.open is not None:
            yield node.open


def _plain(node: Node | None) -> Any:
    """A node as JSON, without its places. An unknown value differs from every known one."""
    if isinstance(node, Struct):
        opened = {"…": _plain(node.open)} if node.open is not None else {}
        return {name: _plain(member) for name, member in node.members.items()} | opened
    if isinstance(node, Array):
        return [*map(_plain, node.items), *([_plain(node.open)] if node.open is not None else [])]
    if isinstance(node, Unknown):
        reason = NUMBER.sub("0", node.reason)  # it may name a line
        return {"unknown": [reason, node.pieces, *map(_plain, node.choices), _plain(node.default)]}
    return node.value if isinstance(node, Scalar) else None
