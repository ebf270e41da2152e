"""The fixes of one source's findings as edits, each held to its promise before anybody sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from hpolint.finding import Finding
from hpolint.fix import Fix, TextEdit, WrittenFix
from hpolint.fixing.cells import in_file
from hpolint.fixing.changes import NoEditError, changes
from hpolint.fixing.documents import Document
from hpolint.fixing.edits import Edit, Placed, Taken, applied_edits, changed_lines, overlap
from hpolint.fixing.generated import made_by
from hpolint.fixing.proof import broken_promise
from hpolint.fixing.python import PythonFile
from hpolint.forms import language_of
from hpolint.job import TuningJob
from hpolint.level import LEVELS
from hpolint.source import Source
from hpolint.trouble import debugging, described


@dataclass(frozen=True)
class Mending:
    """What a finding's fix does to its source: its edits, or the reason why there are none."""

    finding: Finding
    placed: tuple[Placed, ...] = ()
    edits: tuple[Edit, ...] = ()
    reason: str | None = None

    def written(self, source: Source) -> WrittenFix:
        """The same for reports."""
        if self.reason is not None:
            return WrittenFix(reason=self.reason)
        edits = tuple(TextEdit(source.span(each.start, each.end), each.text) for each in self.edits)
        lines: list[tuple[str, int, str]] = []
        for cell in dict.fromkeys(each.cell and each.cell.number for each in self.placed):
            own = [each for each in self.placed if (each.cell and each.cell.number) == cell]
            text = own[0].cell.text.text if own[0].cell is not None else source.text
            lines += changed_lines(text, [each.edit for each in own])
        return WrittenFix(edits, tuple(lines))


class Mender:
    """Makes edits of the fixes of one source's findings. ``jobs`` are all that were read from it."""

    def __init__(self, source: Source, jobs: list[TuningJob]) -> None:
        self._source = source
        self._jobs = jobs

    def mendings(self, findings: Iterable[Finding]) -> list[Mending]:
        """What becomes of each finding that has a fix; those that do not get in each other's way are tried at once."""
        findings = [finding for finding in findings if finding.fix is not None]
        wanted = Counter(map(_wanted, findings))
        tried = [self._tried(finding, max(wanted[_wanted(finding)], finding.count)) for finding in findings]
        reasons: dict[int, str] = {}
        left = [each for each in tried if each.reason is None]
        while left:
            together = compatible(left)
            reasons |= self._reasons(together)
            taken = {id(each) for each in together}
            left = [each for each in left if id(each) not in taken]
        return [Mending(each.finding, reason=reasons[id(each)]) if id(each) in reasons else each for each in tried]

    def _reasons(self, together: list[Mending]) -> dict[int, str]:
        """Why some of them do not keep their promise, by their identity: halves are tried until those are found."""
        reason = self.broken(together)
        if reason is None:
            return {}
        if len(together) == 1:
            return {id(together[0]): reason}
        half = len(together) // 2
        return self._reasons(together[:half]) | self._reasons(together[half:])

    def _tried(self, finding: Finding, readers: int) -> Mending:
        try:
            placed = self._placed(finding, readers)
            return Mending(finding, tuple(placed), tuple(self._edits(placed)))
        except NoEditError as error:
            return Mending(finding, reason=str(error))
        except Exception as error:
            if debugging():
                raise
            return Mending(finding, reason=f"an internal error: {described(error)}")

    def _placed(self, finding: Finding, readers: int) -> list[Placed]:
        job, fix = finding.job, finding.fix
        if fix is None or all(each is not job for each in self._jobs) or job is None:
            raise NoEditError("its job is not one of this source")
        if job.source.name != self._source.name:
            raise NoEditError("it is written in another file")
        made = made_by(self._source, job)
        if made is not None:
            raise NoEditError(made)
        return self._file.edits(changes(job, fix), job, readers)

    def _edits(self, placed: list[Placed]) -> list[Edit]:
        """The edits of the file."""
        found = (each.edit if each.cell is None else in_file(self._source, each.cell, each.edit) for each in placed)
        edits = list(dict.fromkeys(found))
        if not edits:
            raise NoEditError("nothing would change")
        if any(overlap([one], [other]) for at, one in enumerate(edits) for other in edits[at + 1 :]):
            raise NoEditError("its changes stand in each other's way")
        return edits

    @cached_property
    def _file(self) -> Document | PythonFile:
        is_python = language_of(self._source.name).name in ("Python", "notebooks")
        return PythonFile(self._source) if is_python else Document(self._source)

    def broken(self, mendings: list[Mending]) -> str | None:
        """Why some mendings together do not keep their promise; None if they do."""
        fixes: dict[int, list[Fix]] = {}
        shared = False
        for each in mendings:
            number = next(at for at, job in enumerate(self._jobs) if job is each.finding.job)
            fixes.setdefault(number, []).extend([each.finding.fix] if each.finding.fix is not None else [])
            shared |= each.finding.count > 1 and each.finding.rule.group == "call"
        text = self.text(mendings)
        return broken_promise(self._source, text.encode("utf-8", "surrogatepass"), self._jobs, fixes, shared=shared)

    def text(self, mendings: list[Mending]) -> str:
        """The source's text with some mendings in it."""
        return applied_edits(self._source.text, dict.fromkeys(edit for each in mendings for edit in each.edits))


def _wanted(finding: Finding) -> object:
    """What several jobs want alike of a value that they share."""
    return finding.rule.id, finding.span, tuple(finding.fix.set.values()) if finding.fix is not None else ()


def compatible(mendings: Iterable[Mending]) -> list[Mending]:
    """Those of some mendings that do not get in each other's way, the gravest first; the others wait."""
    found: list[Mending] = []
    taken = Taken()
    ordered = sorted(mendings, key=lambda each: (LEVELS.index(each.finding.level), each.finding.span))
    for each in ordered:
        if each.reason is None and not taken.clash(each.edits):
            found.append(each)
            taken.add(each.edits)
    return found
