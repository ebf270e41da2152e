"""A job after its fixes, which are applied to the request round by round."""

from __future__ import annotations

from collections.abc import Collection

from hpolint.engine.engine import Engine
from hpolint.model.finding import Finding
from hpolint.model.fix import Fix, applied
from hpolint.model.job import TuningJob
from hpolint.model.node import Path

MAX_ROUNDS = 10
"""Rounds of fixes; the same number as for fixes of files."""

SuppressedPaths = Collection[tuple[str, Path]]
"""Rule ids and paths of suppressed findings."""


def advised(job: TuningJob, engine: Engine, safeties: Collection[str], silent: SuppressedPaths = ()) -> TuningJob:
    """The job after its fixes of some safeties, without the fixes of suppressed findings."""
    for _ in range(MAX_ROUNDS):
        fixes = _compatible_fixes(engine.judge(job).findings, safeties, silent)
        if not fixes:
            break
        touched = {path for fix in fixes for path in (*fix.set, *fix.remove, *fix.rename)}
        observations = [each for each in job.observations if each.path not in touched]
        job = job.with_request(applied(job.request, *fixes), observations)
    return job


def _compatible_fixes(findings: list[Finding], safeties: Collection[str], silent: SuppressedPaths) -> list[Fix]:
    """The fixes of one round. Of two fixes that change the same member, only the first is applied in this round."""
    chosen: list[Fix] = []
    taken: set[Path] = set()
    for each in findings:
        fix = each.fix
        if fix is None or fix.safety not in safeties or (each.rule.id, each.path) in silent:
            continue
        touched = {*fix.set, *fix.remove, *fix.rename}
        if not touched & taken:
            chosen.append(fix)
            taken |= touched
    return chosen
