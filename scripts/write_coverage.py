"""Write ``docs/coverage.md``: what hpolint reports of the mistakes in ``tests/reported``.

python -m scripts.write_coverage
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.reported import Case, cases

PAGE = Path(__file__).parent.parent / "docs" / "coverage.md"

INTRODUCTION = """\
# What hpolint reports of what goes wrong

The tests rebuild {count} mistakes that people reported in public: a tuning job, its estimator or its training script
was wrong, and the cause is known. {static} of them can be known from the definition and the script before anything is
launched. hpolint reports {reported} of these by their cause, and gives no error and no warning for any corrected
version. The other {dynamic} depend on the account, the data or the service. `python -m scripts.write_coverage` makes
this page from `tests/reported/cases`.
"""


def coverage() -> str:
    """The page's text."""
    every = cases()
    static = [case for case in every if case.static]
    missed = [case for case in static if case.missed]
    dynamic = [case for case in every if not case.static]
    parts = [
        INTRODUCTION.format(
            count=len(every), static=len(static), reported=len(static) - len(missed), dynamic=len(dynamic)
        ),
        "## Reported\n\n" + _reported([case for case in static if not case.missed]),
        "## Not reported yet\n\n" + _listed(missed, "why it is not reported", [case.missed for case in missed]),
        "## What only the service, the account or the data tells\n\n"
        + _listed(dynamic, "what helps", [case.help for case in dynamic]),
    ]
    return "\n".join(parts)


def _reported(found: list[Case]) -> str:
    count = Counter(case.report[0] for case in found)
    rows = [
        f"| [{rule}](https://hpolint.github.io/hpolint/rules/{rule}/) | {count[rule]} | {_causes(found, rule)} |"
        for rule in sorted(count, key=lambda rule: (-count[rule], rule))
    ]
    return "\n".join(["| rule | cases | for example |", "|---|---|---|", *rows]) + "\n"


def _causes(found: list[Case], rule: str) -> str:
    first = next(case for case in found if case.report[0] == rule)
    return f"{_cell(first.cause)} ([thread]({first.address}))"


def _listed(found: list[Case], title: str, texts: list[str]) -> str:
    if not found:
        return "None.\n"
    rows = [
        f"| {_cell(case.cause)} ([thread]({case.address})) | {_cell(text)} |"
        for case, text in zip(found, texts, strict=True)
    ]
    return "\n".join([f"| cause | {title} |", "|---|---|", *rows]) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(coverage(), "utf-8")
