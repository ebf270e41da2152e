"""The configuration file that ``hpolint init`` writes, based on the findings in the repository."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator

from hpolint.io.disk import is_link, lexists
from hpolint.io.streams import OutputError, write, write_file
from hpolint.model.level import LEVELS
from hpolint.model.message_text import counted
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
    """The text of a first ``hpolint.toml``, with optional settings as comments.

    ``above`` is the configuration that applies here now, if any.
    """
    return "\n".join(["# hpolint: https://hpolint.github.io/hpolint/configuration/", "", *_lines(report, above)]) + "\n"


def _lines(report: Report, above: str) -> Iterator[str]:
    if above:
        yield "# The configuration that applied here before. Without this line only this file applies,"
        yield "# and the rules that are locked above."
        yield f"extend = {json.dumps(above, ensure_ascii=False)}"
        yield ""
    jobs, files = len(report.jobs), len({job.source for job in report.jobs})
    yield f"# {counted(jobs, 'tuning job')} in {counted(files, 'file')} when this file was written."
    begin = "# " if above else ""
    yield f'{begin}fail-on = "warning"  # the lowest level that gives exit code 1: "error", "warning" or "note"'
    yield ""
    yield from _rules(report)
    yield ""
    yield from _baseline(report)
    if not above:
        yield from _policies()
    if any(job.form == "python-sdk" for job in report.jobs):
        yield '# The SageMaker SDK\'s configuration file, which may set VPC, keys and tags, or "none":'
        yield '# sdk-config = "none"'
        yield ""
    yield from HOOK.format(version=__version__).rstrip("\n").split("\n")


def _rules(report: Report) -> Iterator[str]:
    """The settings of rules, with the five rules that have the most findings."""
    counts = report.by_rule()
    yield "# Rules and categories to turn off, and levels to change; `hpolint rules` lists all rules:"
    yield "# ignore = []"
    for rule, level, count in counts[:5]:
        yield f"#   {count:>4} × {rule.id} ({level}): {rule.summary.lower()[:1]}{rule.summary[1:]}"
    yield ""
    yield "# [levels]"
    example = counts[0][0].id if counts else "compute/missing-spot"
    yield f'# "{example}" = "note"'


def _baseline(report: Report) -> Iterator[str]:
    if report.findings:
        count = Counter(finding.level for finding in report.findings)
        counts = [(count[level], level) for level in LEVELS if count[level]]
        text = ", ".join(counted(number, level) for number, level in counts)
        yield f"# There are findings ({text}). `hpolint check --write-baseline` records them in a baseline,"
        yield "# so that later checks report only new ones."
        yield '# baseline = "hpolint-baseline.json"'
        yield ""


def _policies() -> Iterator[str]:
    """The settings of policies; the folder is one that exists and has a usual name, else an example."""
    folders = [name for name in ("policies", "hpolint-policies", ".hpolint") if os.path.isdir(name)]
    if folders:
        yield f"# Your own rules; `hpolint test {folders[0]}` tests them:"
        yield f'# policies = ["{folders[0]}"]'
    else:
        yield "# Your own rules, each as CATEGORY/NAME.md in a folder; `hpolint test` tests them:"
        yield '# policies = ["policies"]'
    yield ""
    yield "# A limit for your organisation, off until it is set:"
    yield '# [rules."policy/max-instance-hours"]'
    yield "# hours = 500"
    yield "# locked = true  # no configuration in a subfolder, comment or baseline can change it"
    yield ""


def write_first_config() -> Report:
    """Write a first configuration in the working folder and return the report that it is based on.

    Raises ConfigError if there is a configuration already, or if the file cannot be written.
    """
    from hpolint.cli.common import checked
    from hpolint.config.config_files import read_config
    from hpolint.config.lookup import CheckOptions, Configurations

    if is_link(CONFIG_FILE):
        raise ConfigError(f"{CONFIG_FILE}: not written, because it is a link")
    for name in (CONFIG_FILE, PYPROJECT):
        if lexists(name) and read_config(name) is not None:
            raise ConfigError(f"{name}: there is a configuration already; `hpolint config` prints its settings")
    with checked(["."], CheckOptions(isolated=True)) as check:
        report = check.report
    try:
        write_file(CONFIG_FILE, first_config(report, Configurations(CheckOptions()).here.settings.origin))
    except OutputError as error:
        raise ConfigError(f"{CONFIG_FILE}: cannot be written: {error}") from None
    write(f"{CONFIG_FILE} written: review it, then run `hpolint check`\n")
    return report
