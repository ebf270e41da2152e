"""The fixes of a file's findings as text, for reports: nothing is written."""

from __future__ import annotations

from hpolint.fixes.fix_planner import FixPlanner
from hpolint.fixes.requests import FixRequest, FixTexts
from hpolint.fixes.script_proof import ScriptProof
from hpolint.io import disk
from hpolint.report.outcome import Outcome


def fix_texts(outcome: Outcome, request: FixRequest, proof: ScriptProof | None = None) -> FixTexts:
    """The requested fixes of a file that was read and judged in this process."""
    if outcome.source is None or max((*request.numbers, *request.others), default=-1) >= len(outcome.findings):
        return FixTexts({}, {})  # the file has changed since
    findings = [outcome.findings[number] for number in request.numbers]
    others = [outcome.findings[number] for number in request.others]
    with disk.recorded_reads() as recorder:
        plans = FixPlanner(outcome.source, outcome.jobs, request.shared_files, proof).edits_of(findings, others)
        fixes = {number: plan.written() for number, plan in zip(request.numbers, plans, strict=True)}
        return FixTexts(fixes, recorder.stamps)
