"""The exception of a refused call."""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers treat it as typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpolint.model.finding import Finding


class Refused(Exception):
    """A call that the guard did not let through. Nothing was sent.

    Its text is the report. ``findings`` are the findings that refuse the call, empty after the exception was pickled.
    ``file`` and ``line`` are the caller's place; ``line`` is None if it is not known.
    """

    def __init__(
        self, text: str, findings: Sequence[Finding] = (), file: str = "", line: int | None = None, table: str = ""
    ) -> None:
        super().__init__(text)
        self.findings = tuple(findings)
        self.file = file
        self.line = line
        self._table = table

    def __reduce__(self) -> tuple[type[Refused], tuple[object, ...]]:
        """The exception for another process, without its findings, which refer to the whole job."""
        return Refused, (str(self), (), self.file, self.line, self._table)

    def _repr_html_(self) -> str:
        """The report as a table, for notebooks."""
        return self._table

    def _render_traceback_(self) -> list[str]:
        """The lines that IPython prints in place of a traceback. IPython looks for this method."""
        from hpolint.guard.notebooks import lines_of_refusal

        return lines_of_refusal(self, self._table)


Refused.__module__ = "hpolint.guard"  # where it is imported from, for tracebacks
