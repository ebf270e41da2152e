"""The fixes of one source's findings as edits, each held to its promise before anybody sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from functools import cached_property

import msgspec
from msgspec.structs import replace

from hpolint.fixes.cells import in_file
from hpolint.fixes.changes import Change, Insert, NoEditError, Replace, changes
from hpolint.fixes.document_edits import Document
from hpolint.fixes.edits import Edit, Placed, Taken, applied_edits, changed_lines
from hpolint.fixes.generated import made_by
from hpolint.fixes.proof import broken_promise, unread_part
from hpolint.fixes.python_edits import PythonFile
from hpolint.io.internal_errors import debugging, described
from hpolint.model.finding import Finding
from hpolint.model.fix import Fix, TextEdit, WrittenFix
from hpolint.model.forms import language_of
from hpolint.model.job import TuningJob
from hpolint.model.level import LEVELS
from hpolint.model.node import Origin, Scalar, Struct, walk
from hpolint.model.source import Source, Span


class FixEdits(msgspec.Struct, frozen=True):
    """What a finding's fix does to the source that its job is written in: edits, or the reason why there are none.

    ``is_fault``: the reason is a mistake of ours.
    """

    finding: Finding
    source: Source
    placed: tuple[Placed, ...] = ()
    edits: tuple[Edit, ...] = ()
    reason: str | None = None
    is_fault: bool = False

    def written(self) -> WrittenFix:
        """The same for reports."""
        if self.reason is not None:
            return WrittenFix(reason=f"an internal error: {self.reason}" if self.is_fault else self.reason)
        source = self.source
        edits = tuple(TextEdit(source.span(each.start, each.end), each.text) for each in self.edits)
        lines: list[tuple[str, int, str]] = []
        for cell in dict.fromkeys(each.cell and each.cell.number for each in self.placed):
            own = [each for each in self.placed if (each.cell and each.cell.number) == cell]
            text = own[0].cell.text.text if own[0].cell is not None else source.text
            lines += changed_lines(text, [each.edit for each in own])
        return WrittenFix(edits, tuple(lines))


class FixPlanner:
    """Makes edits of the fixes of one source's findings.

    ``jobs`` are all that were read from it, some of them perhaps written in a file that it names. Of those files
    ``common`` are named by others, too.
    """

    def __init__(self, source: Source, jobs: list[TuningJob], common: Collection[str] = ()) -> None:
        self._source = source
        self._jobs = jobs
        self._common = common
        self._files: dict[str, Document | PythonFile] = {}
        self._proved: dict[tuple[int, ...], str | None] = {}

    def edits_of(self, findings: Iterable[Finding], others: Iterable[Finding] = ()) -> list[FixEdits]:
        """What becomes of each finding that has a fix; those that do not get in each other's way are tried at once.

        ``others`` are findings of the same source that may want the same of a value, and that nobody asks about.
        """
        findings = [finding for finding in findings if finding.fix is not None]
        wanted = Counter(_wanted(finding) for finding in (*findings, *others) if finding.fix is not None)
        tried = [self._tried(finding, max(wanted[_wanted(finding)], finding.count)) for finding in findings]
        reasons: dict[int, str] = {}
        left = [each for each in tried if each.reason is None]
        while left:
            together = compatible(left)
            reasons |= self._reasons(alike(together))
            taken = {id(each) for each in together}
            left = [each for each in left if id(each) not in taken]
        is_fault = bool(reasons) and self._unread is None
        return [
            replace(each, reason=reasons[id(each)], is_fault=is_fault) if id(each) in reasons else each
            for each in tried
        ]

    def _reasons(self, units: list[list[FixEdits]]) -> dict[int, str]:
        """Why some of them do not keep their promise, by their identity: halves are tried until those are found.

        What makes the same edits is one unit: of a value that jobs share each of them is promised its new one.
        """
        reason = self.broken([each for unit in units for each in unit])
        if reason is None:
            return {}
        if self._unread is not None:  # nothing can be promised of a text that is not known as a whole
            reason = f"a part of the file cannot be read ({self._unread})"
        if self._unread is not None or len(units) == 1:
            return {id(each): reason for unit in units for each in unit}
        half = len(units) // 2
        return self._reasons(units[:half]) | self._reasons(units[half:])

    @cached_property
    def _unread(self) -> str | None:
        """Which part of the source cannot be read as it is; looked for where a fix does not keep its promise."""
        return unread_part(self._source)

    def _tried(self, finding: Finding, readers: int) -> FixEdits:
        try:
            job, fix = finding.job, finding.fix
            if fix is None or job is None or all(each is not job for each in self._jobs):
                raise NoEditError("its job is not one of this source")
            placed = self._placed(job, fix, readers)
            return FixEdits(finding, job.source, tuple(placed), tuple(_edits(job.source, placed)))
        except NoEditError as error:
            return FixEdits(finding, self._source, reason=str(error))
        except Exception as error:
            if debugging():
                raise
            return FixEdits(finding, self._source, reason=described(error), is_fault=True)

    def _placed(self, job: TuningJob, fix: Fix, readers: int) -> list[Placed]:
        beside = {path for path, _ in self._source.beside.values()}
        if job.source.name not in {self._source.name, *beside}:
            raise NoEditError("it is written in another file")
        if job.source.name in self._common:
            raise NoEditError("other templates name the file, too")
        made = made_by(self._source, job)
        if made is not None:
            raise NoEditError(made)
        if job.is_repeated:
            raise NoEditError("its source writes the definition more than once, and each would have to change")
        wanted = changes(job, fix)
        edits = self._file(job.source).edits(wanted, job, readers)
        for change in wanted:
            self._check_readers(job, change, readers)
        return edits

    def _check_readers(self, job: TuningJob, change: Change, readers: int) -> None:
        """What is written once and read by other jobs, or other members, is not changed for one of them."""
        uses = 0
        if isinstance(change, Replace):
            uses = self._uses[job.source.name, change.span, Scalar]
        elif isinstance(change, Insert):
            uses = self._uses[job.source.name, change.struct.span, Struct]
        if uses > readers:
            raise NoEditError("the value is read elsewhere, too")

    @cached_property
    def _uses(self) -> Counter[tuple[str, Span, type]]:
        """How many members of jobs each value is; in how many jobs each structure is."""
        found: Counter[tuple[str, Span, type]] = Counter()
        for job in self._jobs:
            structs: set[Span] = set()
            for _, node in walk(job.request):
                if isinstance(node, Scalar) and node.origin is Origin.WRITTEN:
                    found[job.source.name, node.span, Scalar] += 1
                elif isinstance(node, Struct):
                    structs.add(node.span)
            found.update((job.source.name, span, Struct) for span in structs)
        return found

    def _file(self, source: Source) -> Document | PythonFile:
        if source.name not in self._files:
            is_python = language_of(source.name).name in ("Python", "notebooks")
            self._files[source.name] = PythonFile(source) if is_python else Document(source)
        return self._files[source.name]

    def broken(self, mendings: list[FixEdits]) -> str | None:
        """Why some mendings together do not keep their promise; None if they do."""
        key = tuple(id(each.finding) for each in mendings)
        if key not in self._proved:
            self._proved[key] = self._broken(mendings)
        return self._proved[key]

    def _broken(self, mendings: list[FixEdits]) -> str | None:
        fixes: dict[int, list[Fix]] = {}
        shared: list[Fix] = []
        for each in mendings:
            number = next(at for at, job in enumerate(self._jobs) if job is each.finding.job)
            own = [each.finding.fix] if each.finding.fix is not None else []
            fixes.setdefault(number, []).extend(own)
            shared += own if each.finding.count > 1 and each.finding.rule.group == "call" else []
        texts = {name: text.encode("utf-8", "surrogatepass") for name, text in fixed_texts(mendings).items()}
        return broken_promise(self._source, texts, self._jobs, fixes, shared)


def alike(mendings: Iterable[FixEdits]) -> list[list[FixEdits]]:
    """Some mendings, those together that make the same edits."""
    found: dict[object, list[FixEdits]] = {}
    for each in mendings:
        found.setdefault((each.source.name, each.edits), []).append(each)
    return list(found.values())


def fixed_texts(mendings: Iterable[FixEdits]) -> dict[str, str]:
    """The texts of the sources that some mendings change, with these in them."""
    found: dict[str, tuple[Source, dict[Edit, None]]] = {}
    for each in mendings:
        found.setdefault(each.source.name, (each.source, {}))[1].update(dict.fromkeys(each.edits))
    return {name: applied_edits(source.text, edits) for name, (source, edits) in found.items()}


def _edits(source: Source, placed: list[Placed]) -> list[Edit]:
    """Edits of pieces of a source as edits of the whole. Raises NoEditError where they do not go together."""
    found = (each.edit if each.cell is None else in_file(source, each.cell, each.edit) for each in placed)
    edits = list(dict.fromkeys(found))
    if not edits:
        raise NoEditError("nothing would change")
    taken = Taken()
    for edit in edits:
        if taken.clash([edit]):
            raise NoEditError("its changes stand in each other's way")
        taken.add([edit])
    return edits


def _wanted(finding: Finding) -> object:
    """What several jobs want alike of a value that they share."""
    return finding.rule.id, finding.span, tuple(finding.fix.set.values()) if finding.fix is not None else ()


def compatible(mendings: Iterable[FixEdits]) -> list[FixEdits]:
    """Those of some mendings that do not get in each other's way, the gravest first; the others wait."""
    found: list[FixEdits] = []
    taken: dict[str, Taken] = {}
    ordered = sorted(mendings, key=lambda each: (LEVELS.index(each.finding.level), each.finding.span))
    for each in ordered:
        own = taken.setdefault(each.source.name, Taken())
        if each.reason is None and not own.clash(each.edits):
            found.append(each)
            own.add(each.edits)
    return found
