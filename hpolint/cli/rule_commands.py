"""The commands about rules: ``rule``, ``rules``, ``test``."""

from typing import Annotated, Literal

import typer

from hpolint.cli.common import check_options, fail, known_rules_in
from hpolint.cli.options import Config, Folder, Isolated, Policy, option
from hpolint.cli.write_reports import CLEAN, FAILED, FOUND, syntax_of
from hpolint.io.streams import write


def rule(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The rule's name, with or without its category.")],
    folder: Folder = ".",
    config: Config = None,
    policy: Policy = "",
    isolated: Isolated = False,
) -> int:
    """Print the documentation of a rule."""
    from hpolint.model.rule_page import rule_page
    from hpolint.registry.choosing import name_error

    known = known_rules_in(folder, check_options(config, policy, isolated=isolated))
    wrong = name_error(name, known, category=False, listing="; `hpolint rules` lists them")
    if wrong is not None:
        fail(wrong)
    write(rule_page(next(rule for rule in known if name in (rule.name, rule.id))))
    return CLEAN


def rules(
    output: Annotated[Literal["text", "json"], option("Report", "Output format", metavar="FORMAT")] = "text",
    folder: Folder = ".",
    config: Config = None,
    policy: Policy = "",
    isolated: Isolated = False,
) -> int:
    """List all rules: the built-in ones and those of the configured policies."""
    from hpolint.model.rule_page import rules_json, rules_table
    from hpolint.reporters.text import terminal_width

    known = known_rules_in(folder, check_options(config, policy, isolated=isolated))
    text = rules_table(known, terminal_width()) if output == "text" else rules_json(known)
    write(text, syntax_of(output))
    return CLEAN


def test(
    paths: Annotated[list[str], typer.Argument(metavar="PATHS...", help="Rule files, or folders with rule files.")],
    quiet: Annotated[bool, option("Report", "Print errors only.", "--quiet", "-q")] = False,
) -> int:
    """Test rule files: front matter, conditions, messages, examples.

    Exit codes: 0 sound, 1 errors, 2 unreadable.
    """
    from hpolint.cli.rule_files import find_rule_files
    from hpolint.run.rule_tests import run_tests

    files = find_rule_files(paths)
    if not files:
        fail(f"no rule file in {', '.join(paths)}")
    tested = run_tests(files, paths)
    write(tested.text(quiet=quiet))
    if tested.has_unreadable:
        return FAILED
    return FOUND if tested.errors else CLEAN
