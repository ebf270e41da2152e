"""A job with the advice on it followed: its findings' fixes applied to the request, round by round."""

from __future__ import annotations

from collections.abc import Collection

from hpolint.engine.engine import Engine
from hpolint.model.finding import Finding
from hpolint.model.fix import Fix, applied
from hpolint.model.job import TuningJob
from hpolint.model.node import Path

MOST_ROUNDS = 10
"""As many as for the files themselves."""

Silent = Collection[tuple[str, Path]]
"""Rules' ids and paths of findings that are not told."""


def advised(job: TuningJob, engine: Engine, safeties: Collection[str], silent: Silent = ()) -> TuningJob:
    """The job after its fixes of some safeties; those of silenced findings are left."""
    for _ in range(MOST_ROUNDS):
        fixes = _together(engine.judge(job).findings, safeties, silent)
        if not fixes:
            break
        touched = {path for fix in fixes for path in (*fix.set, *fix.remove, *fix.rename)}
        seen = [each for each in job.observations if each.path not in touched]
        job = job.with_request(applied(job.request, *fixes), seen)
    return job


def _together(findings: list[Finding], safeties: Collection[str], silent: Silent) -> list[Fix]:
    """The fixes of one round: of two about the same members the first, the other has its turn in the next."""
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
