"""Join the violations of one cause, in several parameters, calls or jobs of a file, to a single finding."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import chain

import msgspec
from msgspec.structs import replace

from hpolint.engine.evaluation_context import Subject
from hpolint.engine.failures import add_failure
from hpolint.engine.judge import Judge
from hpolint.facts.call_arguments import refused_argument
from hpolint.io.escaping import brief
from hpolint.model.finding import Finding, Related, RuleFailure
from hpolint.model.fix import Fix
from hpolint.model.job import TuningJob
from hpolint.model.launch import Launch, launches_sentence
from hpolint.model.level import LEVELS
from hpolint.model.message_parts import Advice, Member, Sentence, sentence_of
from hpolint.model.node import Path, Struct, follow
from hpolint.model.source import Span
from hpolint.schema.form_gaps import unsupported_prefix, unsupported_sentence

MAX_LAUNCH_PLACES = 10
"""Related places up to which those of launches are added."""

MAX_MEMBERS_SAID = 100
"""Members of a group whose own sentences a message has. The others are counted, and their places are related ones."""


class Raised(msgspec.Struct, frozen=True, eq=False):
    """The finding of one judgement, with its judge and subject if it comes from a condition.

    ``is_single``: an unknown value has known choices, and the finding holds for each of them. ``closing`` are
    sentences at the end of the message that do not come from the rule. ``default_place`` is where the value is written
    if the finding is about an unknown value that has this default.
    """

    finding: Finding
    judge: Judge | None = None
    subject: Subject | None = None
    is_single: bool = False
    closing: tuple[Sentence, ...] = ()
    default_place: Span | None = None

    def without_fix(self) -> Raised:
        """The same without the finding's fix."""
        return self if self.finding.fix is None else replace(self, finding=replace(self.finding, fix=None))


def join_findings(raised: Iterable[Raised], failures: list[RuleFailure]) -> list[Finding]:
    """The findings of one file, with the findings of each group joined.

    A sentence about a group that fails is left out, and goes to ``failures``.
    """
    groups: dict[Hashable, list[Raised]] = {}
    for each in raised:
        groups.setdefault(_group_key(each), []).append(each)
    return [_with_launches(_consistent(_join_members(members, failures))) for members in groups.values()]


def _with_launches(finding: Finding) -> Finding:
    """The finding with the sentence about its launches, and their places, if it is not about all of its job's."""
    launches = finding.job.launches if finding.job is not None else None
    if launches is None or not finding.launches:
        return finding
    sentence = launches_sentence(finding.launches, launches.each)
    if sentence is None:
        return replace(finding, launches=())
    places = {(related.source, related.span): related for related in finding.related}
    for launch in finding.launches:
        if not _is_at_finding(launch, finding) and len(places) < MAX_LAUNCH_PLACES:
            places.setdefault((launch.source, launch.place), Related(launch.place, "launched here", launch.source))
    return replace(finding, message=(*finding.message, (sentence,)), related=tuple(places.values()))


def _is_at_finding(launch: Launch, finding: Finding) -> bool:
    """Whether a launch has no place of its own: it is at the finding, or at the job, which is launched elsewhere."""
    job_line = finding.job.request.anchor.line if finding.job is not None else None
    return launch.source is None and launch.place.line in (finding.span.line, job_line)


def _consistent(finding: Finding) -> Finding:
    """The finding without sentences about a fix that is not offered, for example because it breaks another rule.

    For a job that is already launched these sentences are kept, for the next job. A fix that the job's form has no
    place for, or that adds an argument that a call of the SDK does not take, is removed: the message says so, and what
    to do instead.
    """
    job, fix = finding.job, finding.fix
    if job is not None and fix is not None:
        instead = _unwritable_sentence(job, fix)
        if instead is None:
            return finding
        first, *others = finding.message
        kept = [each for each in others if not _is_about_fix(each, fix)]
        return replace(finding, message=(first, *kept, instead), fix=None)
    if fix is not None or (job is not None and job.is_launched):
        return finding
    kept = [each for each in finding.message if not any(isinstance(part, Advice) for part in each)]
    if len(kept) == len(finding.message):
        return finding
    return replace(finding, message=tuple(kept) or ((finding.rule.summary,),))


def _unwritable_sentence(job: TuningJob, fix: Fix) -> Sentence | None:
    """The sentence that the job's form, or a call of the SDK, has no place for a member; None if all have one."""
    for path in fix.set:
        lacking = unsupported_prefix(job, path)
        if lacking is not None:
            return unsupported_sentence(job, lacking)
        refused = refused_argument(job, path)
        if refused is not None:
            return sentence_of(f"`{refused.name}` cannot be set here: {refused.reason}")
    return None


def _is_about_fix(sentence: Sentence, fix: Fix) -> bool:
    """Whether a sentence says to write a value that the fix sets."""
    names = {path[-1] for path in fix.set if path}
    return any(
        isinstance(part, Advice)
        or (isinstance(part, Member) and part.is_given and part.name.rpartition(".")[2] in names)
        for part in sentence
    )


def _group_key(raised: Raised) -> Hashable:
    """A key that is equal for findings of the same group.

    A finding in all cases names the choices of its own subject, so it stays alone.
    """
    finding = raised.finding
    job, group = finding.job, None if raised.is_single else finding.rule.group
    if finding.launches:  # of one value, in whichever launches it breaks the rule
        site = finding.launches[0].imported.get(finding.path)
        if raised.default_place is not None:  # other launches may have the default itself
            return finding.rule.id, job, finding.path, raised.default_place, site, ()
        return finding.rule.id, job, finding.path, finding.span, site, raised.closing
    if group == "job":
        return finding.rule.id, job, raised.closing
    if group == "call" and raised.subject is not None:
        return finding.rule.id, raised.subject.call, raised.closing  # two tuners may share an estimator
    return raised


def _in_several_launches(members: list[Raised]) -> Finding:
    """The finding about one value in several launches: the most severe, with all launches.

    Of findings with one level, the one by a default: its message says what the others need not.
    """
    by_default_first = sorted(members, key=lambda member: member.default_place is None)
    worst = min(by_default_first, key=lambda member: LEVELS.index(member.finding.level)).finding
    launches: dict[str, Launch] = {}
    for member in members:
        launches |= {launch.label: launch for launch in member.finding.launches}
    return replace(worst, launches=tuple(launches.values()))


def _join_members(members: list[Raised], failures: list[RuleFailure]) -> Finding:
    first = members[0].finding
    if first.rule.group is not None and not members[0].is_single:
        first = replace(first, fingerprint=_fingerprint(first))
    if len(members) == 1:
        return first
    if first.launches:
        return _in_several_launches(members)
    findings = [each.finding for each in members]
    return replace(
        first,
        level=min((finding.level for finding in findings), key=LEVELS.index),
        message=_message(members, failures),
        related=_related(members),
        fix=_fix(findings),
        count=len(members),
    )


def _fingerprint(finding: Finding) -> str:
    """A fingerprint without the path or first member, so that a new first member opens no new alert.

    A call is identified by its variable.
    """
    made = follow(finding.job.request, finding.path[:1]) if finding.job is not None else None
    callee = made.name if finding.rule.group == "call" and isinstance(made, Struct) else None
    return f"({finding.rule.group})" if callee is None else f"({finding.rule.group} {callee})"


def _message(members: list[Raised], failures: list[RuleFailure]) -> tuple[Sentence, ...]:
    """The first sentence once for all members, and each distinct text of the other sentences once.

    Each sentence gets the names of all members, so sentences of all members would take the square of their number.
    """
    first = members[0]
    if first.judge is None or first.subject is None:
        return first.finding.message
    names = list(dict.fromkeys(name for each in members if each.subject for name in each.subject.names))
    of_jobs = first.finding.rule.scope in ("job", "training")  # two jobs may have one name, or none
    count = len(members) if of_jobs else len(names) or len(members)
    found: dict[Sentence, None] = {}
    mistakes: list[str] = []
    opening = first.judge.sentence(0, first.subject, names, count, mistakes)
    if opening:
        found[opening] = None
    subjects = [member.subject for member in members[:MAX_MEMBERS_SAID] if member.subject is not None]
    for index in range(1, len(first.judge.rule.message)):
        found |= dict.fromkeys(first.judge.shared_sentences(index, subjects, names, count, mistakes))
    if mistakes and first.finding.job is not None:
        add_failure(failures, first.finding.rule, first.finding.job, first.subject.root, mistakes[0])
    found |= dict.fromkeys(first.closing)
    return tuple(found) or ((first.finding.rule.summary,),)


def _related(members: list[Raised]) -> tuple[Related, ...]:
    """The places of the other members, then the related places of all members, without duplicates."""
    places = [Related(each.finding.span, _name(each)) for each in members[1:]]
    every = [*places, *(own for each in members for own in each.finding.related)]
    found = {(each.source, each.span): each for each in every}
    found.pop((None, members[0].finding.span), None)
    return tuple(found.values())


def _name(raised: Raised) -> str:
    names = raised.subject.names if raised.subject is not None else ()
    return f"`{brief(names[0])}`" if names else "here too"


def _fix(findings: list[Finding]) -> Fix | None:
    """The joined fix of the members that have one; None if the fixes of several jobs differ, or one has none."""
    fixes = [finding.fix for finding in findings]
    known = [fix for fix in fixes if fix is not None]
    if not known or (len(known) < len(fixes) and len({finding.job for finding in findings}) > 1):
        return None
    if len({finding.job for finding in findings}) > 1:
        return known[0] if all(fix == known[0] for fix in known) else None
    set_: dict[Path, object] = {}
    for fix in known:
        set_ |= fix.set
    safety = "safe" if all(fix.safety == "safe" for fix in known) else "unsafe"
    removed = tuple(dict.fromkeys(path for fix in known for path in fix.remove))
    renamed = {path: name for fix in known for path, name in fix.rename.items()}
    changes = tuple(dict.fromkeys(chain.from_iterable(fix.script for fix in known)))
    return Fix(safety, set_, removed, renamed, changes)  # type: ignore[arg-type]
