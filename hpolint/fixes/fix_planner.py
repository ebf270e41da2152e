"""Planning the fixes of one source's findings as edits, each of which is verified before it is offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from hpolint.fixes.cells import in_file
from hpolint.fixes.changes import Change, Insert, NoEditError, Replace, changes
from hpolint.fixes.edits import Edit, NonOverlappingEdits, PlacedEdit, applied_edits, changed_lines
from hpolint.fixes.proof import Failure, Promises, unreadable_part, verification_error
from hpolint.fixes.refusals import SHARED_SCRIPT, refusal
from hpolint.io.internal_errors import debugging, described
from hpolint.model.finding import Finding
from hpolint.model.fix import Fix, TextEdit, WrittenFix
from hpolint.model.forms import language_of
from hpolint.model.job import TuningJob
from hpolint.model.level import LEVELS
from hpolint.model.node import Origin, Scalar, Struct, walk
from hpolint.model.source import Source, Span

if TYPE_CHECKING:
    from hpolint.fixes.document_edits import Document
    from hpolint.fixes.python_edits import PythonFile
    from hpolint.fixes.script_proof import ScriptProof
    from hpolint.model.training_script import ScriptChange


class FixEdits(msgspec.Struct, frozen=True, eq=False):
    """The edits of a finding's fix in the source that its job is written in, or in that of its training script.

    ``reason`` is why there are none. ``is_fault``: the reason is an internal error.
    """

    finding: Finding
    source: Source
    placed: tuple[PlacedEdit, ...] = ()
    edits: tuple[Edit, ...] = ()
    reason: str | None = None
    is_fault: bool = False

    @property
    def changes_script(self) -> bool:
        """Whether the edits are those of a training script."""
        return self.finding.fix is not None and bool(self.finding.fix.script)

    @property
    def _script_file(self) -> str | None:
        """The name of a changed training script; None if it is in the file of the finding."""
        is_elsewhere = self.changes_script and self.source.name != self.finding.source
        return self.source.name if is_elsewhere else None

    def written(self) -> WrittenFix:
        """The edits, the changed lines and the reason, as reports show them."""
        if self.reason is not None:
            return WrittenFix(reason=f"an internal error: {self.reason}" if self.is_fault else self.reason)
        edits = tuple(TextEdit(self.source.span(edit.start, edit.end), edit.text) for edit in self.edits)
        by_cell: dict[int, list[PlacedEdit]] = {}
        for placed in self.placed:
            by_cell.setdefault(placed.cell.number if placed.cell is not None else 0, []).append(placed)
        lines: list[tuple[str, int, str]] = []
        for group in by_cell.values():
            cell = group[0].cell
            text = cell.text.text if cell is not None else self.source.text
            lines += changed_lines(text, [placed.edit for placed in group])
        return WrittenFix(edits, tuple(lines), file=self._script_file)


class FixPlanner:
    """Plans the edits for the fixes of one source's findings.

    ``jobs`` are all jobs read from the source; some may be written in a file that it names. ``shared_files`` are
    those of these files, and of training scripts, that other sources name, too. ``proof`` verifies changes of training
    scripts: without it they are not planned.
    """

    def __init__(
        self,
        source: Source,
        jobs: list[TuningJob],
        shared_files: Collection[str] = (),
        proof: ScriptProof | None = None,
    ) -> None:
        self._source = source
        self._jobs = jobs
        self._shared_files = shared_files
        self._proof = proof
        self._files: dict[str, Document | PythonFile] = {}
        self._verified: dict[tuple[Finding, ...], Failure | None] = {}
        self._wanted: dict[int, list[Fix]] = {}

    def edits_of(self, findings: Iterable[Finding], others: Iterable[Finding] = ()) -> list[FixEdits]:
        """The edits, or the reason why there are none, of each finding that has a fix.

        Compatible fixes are verified together. ``others`` are findings of the same source that are not planned, but may
        need the same change of a value.
        """
        findings = [finding for finding in findings if finding.fix is not None]
        counts = Counter(_fix_key(finding) for finding in (*findings, *others) if finding.fix is not None)
        plans = [self._planned(finding, max(counts[_fix_key(finding)], finding.count)) for finding in findings]
        self._wanted = self._fixes_by_job((*findings, *others))
        failures: dict[FixEdits, Failure] = {}
        left = [each for each in plans if each.reason is None]
        while left:
            together = compatible(left)
            failures |= self._failures(grouped_by_edits(together))
            verified = set(together)
            left = [plan for plan in left if plan not in verified]
        return [self._refused(plan, failures[plan]) if plan in failures else plan for plan in plans]

    def _refused(self, plan: FixEdits, failure: Failure) -> FixEdits:
        """A plan that failed verification: an internal error, unless the file or another job is the reason."""
        is_fault = self._unreadable is None and not failure.is_refusal
        return replace(plan, reason=failure.reason, is_fault=is_fault)

    def _fixes_by_job(self, findings: Iterable[Finding]) -> dict[int, list[Fix]]:
        """The fixes that each job needs, by its index."""
        numbers = {job: number for number, job in enumerate(self._jobs)}
        fixes: dict[int, list[Fix]] = {}
        for finding in findings:
            if finding.job in numbers and finding.fix is not None:
                fixes.setdefault(numbers[finding.job], []).append(finding.fix)
        return fixes

    def _failures(self, units: list[list[FixEdits]]) -> dict[FixEdits, Failure]:
        """The verification errors by their plans, found by bisection.

        Plans with the same edits are one unit, because a value that jobs share changes for all of them.
        """
        failure = self.verification_error([each for unit in units for each in unit])
        if failure is None:
            return {}
        if self._unreadable is not None:  # a text that cannot be read completely cannot be verified
            failure = Failure(f"a part of the file cannot be read ({self._unreadable})")
        if self._unreadable is not None or len(units) == 1:
            return {plan: failure for unit in units for plan in unit}
        half = len(units) // 2
        return self._failures(units[:half]) | self._failures(units[half:])

    @cached_property
    def _unreadable(self) -> str | None:
        """The part of the unchanged source that cannot be read; computed only after a verification error."""
        return unreadable_part(self._source)

    def _planned(self, finding: Finding, readers: int) -> FixEdits:
        try:
            job, fix = finding.job, finding.fix
            if fix is None or job is None or all(each is not job for each in self._jobs):
                raise NoEditError("its job was not read from this file")
            if fix.script:
                return self._in_script(finding, job, fix.script)
            placed = self._placed(job, fix, readers)
            return FixEdits(finding, job.source, tuple(placed), tuple(file_edits(job.source, placed)))
        except NoEditError as error:
            return FixEdits(finding, self._source, reason=str(error))
        except Exception as error:
            if debugging():
                raise
            return FixEdits(finding, self._source, reason=described(error), is_fault=True)

    def _in_script(self, finding: Finding, job: TuningJob, changes: Sequence[ScriptChange]) -> FixEdits:
        """The edits of the training script by which a finding is fixed. Raises NoEditError."""
        from hpolint.fixes.script_edits import script_edits, script_source
        from hpolint.fixes.script_proof import check_other_files

        source = script_source(job, changes)
        if self._proof is None:
            raise NoEditError("only the check of a file changes training scripts")
        if source.name != self._source.name:
            if source.name in self._shared_files:
                raise NoEditError(SHARED_SCRIPT)
            check_other_files(self._source, source)
        placed = script_edits(source, changes)
        return FixEdits(finding, source, tuple(placed), tuple(file_edits(source, placed)))

    def _placed(self, job: TuningJob, fix: Fix, readers: int) -> list[PlacedEdit]:
        reason = refusal(self._source, job, fix, self._shared_files)
        if reason is not None:
            raise NoEditError(reason)
        planned = changes(job, fix)
        edits = self._file(job.source).edits(planned, job, readers)
        for change in planned:
            self._check_readers(job, change, readers)
        return edits

    def _check_readers(self, job: TuningJob, change: Change, readers: int) -> None:
        """Raise NoEditError if a value that is written once is used by more jobs or members than ``readers``."""
        uses = 0
        if isinstance(change, Replace):
            uses = self._uses[job.source.name, change.span, Scalar]
        elif isinstance(change, Insert):
            uses = self._uses[job.source.name, change.struct.span, Struct]
        if uses > readers:
            raise NoEditError("the value is used elsewhere, too")

    @cached_property
    def _uses(self) -> Counter[tuple[str, Span, type]]:
        """The number of job members that use each value, and the number of jobs that use each structure."""
        uses: Counter[tuple[str, Span, type]] = Counter()
        for job in self._jobs:
            structs: set[Span] = set()
            for _, node in walk(job.request):
                if isinstance(node, Scalar) and node.origin is Origin.WRITTEN:
                    uses[job.source.name, node.span, Scalar] += 1
                elif isinstance(node, Struct):
                    structs.add(node.span)
            uses.update((job.source.name, span, Struct) for span in structs)
        return uses

    def _file(self, source: Source) -> Document | PythonFile:
        if source.name not in self._files:
            is_python = language_of(source.name).name in ("Python", "notebooks")
            self._files[source.name] = _python_file(source, self._jobs) if is_python else _document(source)
        return self._files[source.name]

    def verification_error(self, plans: list[FixEdits]) -> Failure | None:
        """Why plans that are applied together fail verification; None if they pass."""
        key = tuple(plan.finding for plan in plans)
        if key not in self._verified:
            self._verified[key] = self._verify(plans)
        return self._verified[key]

    def _verify(self, plans: list[FixEdits]) -> Failure | None:
        fixes: dict[int, list[Fix]] = {}
        shared: list[Fix] = []
        for each in plans:
            number = next(at for at, job in enumerate(self._jobs) if job is each.finding.job)
            own = [each.finding.fix] if each.finding.fix is not None else []
            fixes.setdefault(number, []).extend(own)
            shared += own if each.finding.count > 1 and each.finding.rule.group == "call" else []
        texts = {name: text.encode("utf-8", "surrogatepass") for name, text in fixed_texts(plans).items()}
        failure: Failure | None = None
        if not self._own_files.isdisjoint(texts):
            promises = Promises(fixes, shared, self._wanted_of_others(fixes))
            failure = verification_error(self._source, texts, self._jobs, promises)
        return self._failure_of_scripts(plans, texts) if failure is None else failure

    @cached_property
    def _own_files(self) -> set[str]:
        """The names of the source, and of the files that it names."""
        return {self._source.name, *(path for path, _ in self._source.beside.values())}

    def _failure_of_scripts(self, plans: list[FixEdits], texts: Mapping[str, bytes]) -> Failure | None:
        """Why changed training scripts fail verification; None if they pass, or if no plan changes one."""
        changing = [plan for plan in plans if plan.changes_script]
        if not changing or self._proof is None:
            return None
        findings = [plan.finding for plan in changing]
        sources = {plan.source for plan in changing}
        return self._proof.failure(findings, sources, texts)

    def _wanted_of_others(self, fixes: dict[int, list[Fix]]) -> dict[int, list[Fix]]:
        """The planned fixes that further jobs need as well, such as a tuner that takes its settings from another."""
        planned = {_content(fix) for own in fixes.values() for fix in own}
        wanted: dict[int, list[Fix]] = {}
        for number, needed in self._wanted.items():
            own = {_content(fix) for fix in fixes.get(number, ())}
            wanted[number] = [fix for fix in needed if _content(fix) in planned and _content(fix) not in own]
        return wanted


def _python_file(source: Source, jobs: list[TuningJob]) -> PythonFile:
    from hpolint.fixes.python_edits import PythonFile

    return PythonFile(source, jobs)


def _document(source: Source) -> Document:
    from hpolint.fixes.document_edits import Document

    return Document(source)


def grouped_by_edits(plans: Iterable[FixEdits]) -> list[list[FixEdits]]:
    """The plans in groups with the same edits."""
    groups: dict[object, list[FixEdits]] = {}
    for plan in plans:
        groups.setdefault((plan.source.name, plan.edits), []).append(plan)
    return list(groups.values())


def fixed_texts(plans: Iterable[FixEdits]) -> dict[str, str]:
    """The texts of the changed sources by name, after applying the plans."""
    by_name: dict[str, tuple[Source, dict[Edit, None]]] = {}
    for plan in plans:
        _, edits = by_name.setdefault(plan.source.name, (plan.source, {}))
        edits |= dict.fromkeys(plan.edits)
    return {name: applied_edits(source.text, edits) for name, (source, edits) in by_name.items()}


def file_edits(source: Source, placed: list[PlacedEdit]) -> list[Edit]:
    """Edits of cells as edits of the whole file. Raises NoEditError if they overlap or change nothing."""
    merged = NonOverlappingEdits()
    edits: dict[Edit, None] = {}
    for each in placed:
        edit = each.edit if each.cell is None else in_file(source, each.cell, each.edit)
        if merged.overlaps([edit]):
            raise NoEditError("its changes overlap")
        merged.add([edit])
        edits[edit] = None
    if not edits:
        raise NoEditError("the fix would change nothing")
    return list(edits)


def _fix_key(finding: Finding) -> object:
    """A key that is equal for fixes of several jobs that make the same change to a shared value."""
    values = tuple(finding.fix.set.values()) if finding.fix is not None else ()
    return finding.rule.id, finding.span, values


def _content(fix: Fix) -> object:
    """A key that is equal for fixes that change the same members in the same way."""
    return tuple(fix.set.items()), fix.remove, tuple(fix.rename.items())


def compatible(plans: Iterable[FixEdits]) -> list[FixEdits]:
    """The plans whose edits do not overlap, chosen by level (highest first) and place."""
    chosen: list[FixEdits] = []
    by_name: dict[str, NonOverlappingEdits] = {}
    for plan in sorted(plans, key=lambda plan: (LEVELS.index(plan.finding.level), plan.finding.span)):
        edits = by_name.setdefault(plan.source.name, NonOverlappingEdits())
        if plan.reason is None and not edits.overlaps(plan.edits):
            chosen.append(plan)
            edits.add(plan.edits)
    return chosen
