"""A configuration to begin with: what ``hpolint init`` writes, made for the repository at hand."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator

from hpolint.io.disk import lexists
from hpolint.io.streams import OutputError, write, write_file
from hpolint.model.level import LEVELS
from hpolint.model.settings import CONFIG_FILE, PYPROJECT, ConfigError
from hpolint.report.report import Report
from hpolint.version import __version__

HOOK = """\
# A hook for pre-commit or prek; in .pre-commit-config.yaml:
#   - repo: https://github.com/hpolint/hpolint
#     rev: v{version}
#     hooks:
#       - id: hpolint
"""


def first_config(report: Report, above: str = "") -> str:
    """The text of a first ``hpolint.toml``: every line that does something says what, the others wait behind ``#``.

    ``above`` is the configuration that has held here until now, if any.
    """
    return "\n".join(["# hpolint: https://hpolint.github.io/hpolint/configuration/", "", *_lines(report, above)]) + "\n"


def _lines(report: Report, above: str) -> Iterator[str]:
    if above:
        yield "# What has held here until now; without it only what this file says does, and what is locked above."
        yield f"extend = {json.dumps(above, ensure_ascii=False)}"
        yield ""
    jobs, files = len(report.jobs), len({job.source.name for job in report.jobs})
    counted = f"{jobs:,} tuning job{'s' if jobs != 1 else ''} in {files:,} file{'s' if files != 1 else ''}"
    yield f"# {counted} when this was written."
    begin = "# " if above else ""
    yield f'{begin}fail-on = "warning"  # from which level findings give exit code 1: "error", "warning" or "note"'
    yield ""
    yield from _rules(report)
    yield ""
    yield from _baseline(report)
    yield from _policies() if not above else ()
    if any(job.form == "python-sdk" for job in report.jobs):
        yield "# Whether the SageMaker SDK has a configuration file of its own, which may fill in VPC, keys and tags:"
        yield '# sdk-config = "none"'
        yield ""
    yield from HOOK.format(version=__version__).rstrip("\n").split("\n")


def _rules(report: Report) -> Iterator[str]:
    """The rules that found most, each with how to be without it."""
    found = report.by_rule()
    yield "# Rules and categories not to be asked, and levels of your own; `hpolint rules` lists them:"
    yield "# ignore = []"
    for rule, level, count in found[:5]:
        yield f"#   {count:>4} × {rule.id} ({level}): {rule.summary.lower()[:1]}{rule.summary[1:]}"
    yield ""
    yield "# [levels]"
    example = found[0][0].id if found else "compute/missing-spot"
    yield f'# "{example}" = "note"'


def _baseline(report: Report) -> Iterator[str]:
    if report.findings:
        count = Counter(finding.level for finding in report.findings)
        said = ", ".join(
            f"{count[level]:,} {level}{'s' if count[level] != 1 else ''}" for level in LEVELS if count[level]
        )
        yield f"# There are findings ({said}). `hpolint check --write-baseline` makes them known, so that from then on"
        yield "# only new ones are told; mend them when you touch them."
        yield '# baseline = "hpolint-baseline.json"'
        yield ""


def _policies() -> Iterator[str]:
    """The folder of the organisation's own rules, if there is one that looks like it."""
    folders = [name for name in ("policies", "hpolint-policies", ".hpolint") if os.path.isdir(name)]
    if folders:
        yield f"# Rules of your own, proven by `hpolint test {folders[0]}`:"
        yield f'# policies = ["{folders[0]}"]'
    else:
        yield "# Rules of your own, each CATEGORY/NAME.md in a folder, proven by `hpolint test`:"
        yield '# policies = ["policies"]'
    yield ""
    yield "# What the organisation demands, off until it is set:"
    yield '# [rules."policy/max-instance-hours"]'
    yield "# hours = 500"
    yield "# locked = true  # no configuration below, comment or baseline changes it"
    yield ""


def begin() -> Report:
    """Write a first configuration here, and say so; the report of what it was made for.

    Raises ConfigError where there is one already, or where it cannot be written.
    """
    from hpolint.cli.common import report_of
    from hpolint.config.config_files import read_config
    from hpolint.config.lookup import CheckOptions, Configurations

    for name in (CONFIG_FILE, PYPROJECT):
        if lexists(name) and read_config(name) is not None:
            raise ConfigError(f"{name}: there is a configuration already; `hpolint config` prints what holds")
    report = report_of(["."], CheckOptions(isolated=True), "")
    try:
        write_file(CONFIG_FILE, first_config(report, Configurations(CheckOptions()).here.settings.origin))
    except OutputError as error:
        raise ConfigError(f"{CONFIG_FILE}: cannot be written: {error}") from None
    write(f"{CONFIG_FILE} is written: read it, and then `hpolint check`\n")
    return report
