"""A fix in words."""

from __future__ import annotations

from posixpath import basename

from hpolint.model.fix import Fix
from hpolint.model.job import TuningJob
from hpolint.model.message_parts import Advice
from hpolint.model.message_text import advice, last_name
from hpolint.model.node import Path, follow, text_of

SCRIPT_PHRASES = {
    "divide": "divide by `/`",
    "decimals": "print four decimals",
    "dataset": "divide by the number of samples",
    "path": "save to the folder of `SM_MODEL_DIR`",
    "folder": "save to the folder of `SM_MODEL_DIR`",
    "import": "import `{0.name}`",
    "value": "pass `{0.name}`",
    "argument": "pass `{0.name}`",
    "option": "add the option `--{0.name}`",
    "samples": "multiply the loss of each batch by its size",
}


def fix_phrase(fix: Fix, job: TuningJob | None) -> str:
    """A fix as a phrase, with names as the source writes them."""
    renamed = {path: value for path, value in fix.set.items() if path[-1:] == ("Name",) and _text_at(job, path)}
    other = {path: value for path, value in fix.set.items() if path not in renamed}
    parts = [advice(Advice(tuple(other.items())), job)] if other else []
    parts += [f"rename `{_text_at(job, path)}` to `{value}`" for path, value in renamed.items()]
    for path, name in fix.rename.items():
        new_name = job.spelling.name(name) if job is not None else name
        parts.append(f"rename {last_name(path)} to {new_name}")
    for path in fix.remove:
        removed = job.spelling.at(path).name(last_name(path)) if job is not None else last_name(path)
        parts.append(f"remove `{removed}`")
    parts += [
        f"{SCRIPT_PHRASES[change.kind].format(change)} in `{basename(change.site.source)}`" for change in fix.script
    ]
    return ", ".join(dict.fromkeys(parts))


def _text_at(job: TuningJob | None, path: Path) -> str | None:
    """The string at a path of a job's request; None if there is none."""
    return text_of(follow(job.request, path)) if job is not None else None
