"""Tests of rule files by their own examples: ``hpolint test``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

import msgspec
from msgspec.structs import replace

from hpolint.cel.type_checks import ExpressionError
from hpolint.cost.estimate import worst_case_usd
from hpolint.cost.prices import indicative
from hpolint.engine.engine import Engine
from hpolint.engine.surroundings import Surroundings
from hpolint.fixes.edits import applied_edits
from hpolint.io.escaping import visible
from hpolint.io.files import leads_out
from hpolint.lazy_regex import lazy_regex
from hpolint.model.finding import Finding, Verdicts
from hpolint.model.fix import Fix, applied
from hpolint.model.job import TuningJob
from hpolint.model.message_text import text
from hpolint.model.node import path_text
from hpolint.model.rule import CATEGORIES, Example, Rule, RuleError, UnreadableRuleError
from hpolint.model.settings import CONFIG_FILE, Settings
from hpolint.model.source import Source
from hpolint.registry import builtin_folder, rule_files
from hpolint.registry.choosing import chosen_rules
from hpolint.registry.condition_parts import shortened
from hpolint.registry.examples import ExampleError, read_example, split_files, with_file
from hpolint.registry.rule_checks import check_rule
from hpolint.registry.rule_reader import OUT_OF_POLICIES, RuleFile, build_rule, read_rule_file


class RuleTestResult(msgspec.Struct):
    """The result of testing some rule files."""

    rules: int = 0
    examples: int = 0
    errors: list[RuleError] = msgspec.field(default_factory=list)
    hints: list[RuleError] = msgspec.field(default_factory=list)
    """Parts of conditions that no example tests, and built-in categories: not errors."""

    @property
    def has_unreadable(self) -> bool:
        """Whether one of the files could not be read."""
        return any(isinstance(error, UnreadableRuleError) for error in self.errors)

    def text(self, *, quiet: bool) -> str:
        """The lines to print: the errors, and unless ``quiet``, hints and a summary."""
        lines = [f"{visible(str(error))}\n" for error in self.errors]
        if not quiet:
            hints = (f"{hint.file}:{hint.line}:{hint.column}: hint: {hint.reason}" for hint in self.hints)
            lines += [f"{visible(hint)}\n" for hint in hints]
            found = _plural(len(self.errors), "error") if self.errors else "all sound"
            lines.append(f"{_plural(self.rules, 'rule')}, {_plural(self.examples, 'example')}: {found}\n")
        return "".join(lines)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def run_tests(paths: list[Path], folders: Sequence[str] = ()) -> RuleTestResult:
    """Check each rule file and run its examples. The names of all rules must differ.

    A file of one of the ``folders`` that links out of that folder and its repository is not read.
    """
    named = set(map(Path, folders))
    tested = RuleTestResult()
    taken: dict[str, str] = {}
    for path in paths:
        tested.rules += 1
        try:
            if path not in named and folders and leads_out(str(path), list(folders)):
                raise UnreadableRuleError(path.as_posix(), 1, 1, f"not read: {OUT_OF_POLICIES}")
            file = read_rule_file(path)
            errors = check_rule(file)
            if not errors:
                before = file.source.text.count("\n") + 2
                rule = build_rule(file)
                tested.examples += len(rule.examples)
                errors = [
                    *_name_errors(rule, taken),
                    *_unexplained_fix(rule, before),
                    *_failing_examples(rule, before),
                ]
                tested.hints += [] if errors else [*_untested_parts(rule, file), *_builtin_category(rule)]
        except RuleError as error:
            errors = [error]
        tested.errors += errors
    return tested


def _name_errors(rule: Rule, taken: dict[str, str]) -> Iterator[RuleError]:
    """The name of a rule is that of no other, and of hpolint's own rules also without the category."""
    if rule.id in taken:
        yield RuleError(rule.file, 1, 1, f"the name `{rule.id}` is already used by {taken[rule.id]}")
    taken.setdefault(rule.id, rule.file)
    if not rule.is_builtin:
        return
    others = [path for path in rule_files(builtin_folder()) if path.stem == rule.name]
    if any(path.parent.name != rule.category for path in others):
        yield RuleError(rule.file, 1, 1, f"the name `{rule.name}` is already used in another category")
    if rule.name in CATEGORIES:
        yield RuleError(rule.file, 1, 1, f"the name `{rule.name}` is that of a category")


def _unexplained_fix(rule: Rule, before: int) -> Iterator[RuleError]:
    """The page of a built-in rule says why there is no fix, and what an unsafe one does to the job."""
    if not rule.is_builtin or rule.emitted_by == "schema":
        return
    if rule.fix is None:
        if "There is no fix: " not in rule.body:
            yield RuleError(rule.file, before, 1, "the page does not say why there is no fix: `There is no fix: …`")
    elif "unsafe" in rule.fix.safeties and "unsafe" not in rule.body.partition("## Examples")[0]:
        yield RuleError(rule.file, before, 1, "the page does not say why the fix is unsafe")


def _failing_examples(rule: Rule, before: int) -> Iterator[RuleError]:
    """The examples whose verdict differs from their heading; ``before`` is the first line of the page's body."""
    has_fix = failed = False
    for example in rule.examples:
        verdict, findings, failure = judged(rule, example)
        has_fix |= any(finding.fix is not None for finding in findings)
        reason = failure
        if reason is None and verdict != example.verdict:
            why = f": {findings[0].text[0]}" if findings else _request_error(rule, example)
            reason = f"the verdict on this example is `{verdict}`, not `{example.verdict}`{why}"
        reasons = [reason, *(_finding_error(rule, finding, example) for finding in findings)]
        reason = next((each for each in reasons if each is not None), None)
        if reason is not None:
            failed = True
            yield RuleError(rule.file, before + example.line - 1, 1, reason)
    if rule.fix is not None and not has_fix and not failed:
        yield RuleError(rule.file, before, 1, "no example shows the fix: none of their findings has one")


def _builtin_category(rule: Rule) -> Iterator[RuleError]:
    """A hint that a policy has one of hpolint's own categories."""
    if rule.is_builtin and not Path(rule.file).absolute().is_relative_to(builtin_folder().absolute()):
        reason = f"`{rule.category}` is hpolint's own category: a policy cannot use it"
        yield RuleError(rule.file, 1, 1, reason)


def _untested_parts(rule: Rule, file: RuleFile) -> Iterator[RuleError]:
    """The parts of a rule's condition that can be removed without changing the verdict on any example."""
    if rule.when is None or rule.emitted_by is not None:
        return
    as_it_is = _verdicts(rule)
    for part, shorter in shortened(rule.when):
        if _verdicts(replace(rule, when=shorter)) == as_it_is:
            written = " ".join(rule.when[part.start : part.end].split())
            reason = f"no example tests `{written}`: without it all verdicts stay the same"
            yield file.error(file.place(file.front.get("when"), part.start), reason)


def _verdicts(rule: Rule) -> list[tuple[str, int]] | None:
    """The verdict and the number of findings of each example; None if the condition is invalid.

    A condition can become invalid without one of its parts, such as a guard against null.
    """
    try:
        found = [judged(rule, example) for example in rule.examples]
    except ExpressionError:
        return None
    return [(verdict, len(findings)) for verdict, findings, _ in found]


def _request_error(rule: Rule, example: Example) -> str:
    """An error for which the service would refuse the example's request, as a suffix; empty if there is none."""
    from hpolint.schema.request_errors import shape_errors

    if rule.emitted_by is not None:
        return ""
    jobs = read_example(rule, example)[1].jobs
    errors = chain.from_iterable(map(shape_errors, jobs))
    strange = [error for error in errors if not error.set and "lacks" not in str(error.message)]
    return f": {text(strange[0].message[0], None)}" if strange else ""


def engine_of_examples(rule: Rule) -> Engine:
    """An engine for a rule's examples: with hpolint's indicative prices, and in no repository."""
    prices = cache(indicative)
    return Engine((rule.with_example_options,), Surroundings(usd_of=lambda job: worst_case_usd(job, prices())))


def judged(rule: Rule, example: Example) -> tuple[str, list[Finding], str | None]:
    """The verdict on an example, its findings, and an error or None."""
    try:
        source, reading = read_example(rule, example)
    except ExampleError as error:
        return "", [], str(error)
    if rule.emitted_by in ("suppressions", "waivers"):
        return _judged_suppressions(rule, source, _settings_of(example))
    engine, verdicts = engine_of_examples(rule), Verdicts()
    raised = list(chain.from_iterable(engine.raised(job, verdicts) for job in reading.jobs))
    findings = [*engine.problems(source, reading), *engine.grouped(raised, verdicts)]
    failure = next((failure.reason for failure in verdicts.failures), None)
    violated = [each for each in findings if each.undecided is None]
    if not violated and (findings or verdicts.undecided):
        return "undecided", findings, failure
    return "found" if violated else "clean", findings, failure


def _settings_of(example: Example) -> Settings:
    """The settings in an example's file ``hpolint.toml``; the default ones without it."""
    text = split_files(example.text)[1].get(CONFIG_FILE, b"").decode()
    if not text:
        return Settings()
    from hpolint.config.config_files import ConfigFile
    from hpolint.config.layers import layer_of, settings_of
    from hpolint.config.toml_values import parse_toml

    return settings_of(layer_of(ConfigFile(CONFIG_FILE, parse_toml(text), text)), chain=(CONFIG_FILE,))


def _judged_suppressions(rule: Rule, source: Source, settings: Settings) -> tuple[str, list[Finding], str | None]:
    """The same for a rule about suppressions, which needs all rules that are on."""
    from hpolint.discovery.candidates import Candidate
    from hpolint.run.candidate_check import Checker

    rules = (*(each for each in chosen_rules(settings) if each.id != rule.id), rule)
    outcome = Checker(rules, settings).outcome(Candidate(source.name, source.text.encode()))
    findings = [finding for finding in outcome.findings if finding.rule.id == rule.id]
    return "found" if findings else "clean", findings, outcome.internal_error


FAILS = lazy_regex(
    r"every trial fails|the service refuses|raises an? \w*error|execution fails|trials cannot|no trial reports",
    re.IGNORECASE,
)
BELIEVED = lazy_regex(r"\bmay\b|according to")


def _finding_error(rule: Rule, finding: Finding, example: Example) -> str | None:
    """What is wrong with the message, level or fix of a finding in an example; None if nothing is."""
    if finding.undecided is not None:
        return None
    if finding.text[0] == rule.summary:
        return "the first sentence cannot be written for this example: the finding has the summary in its place"
    for sentence in finding.text:
        is_certain = FAILS.search(sentence) and not BELIEVED.search(sentence)
        if rule.is_builtin and is_certain and finding.level != "error":
            return f"what fails for certain is an error, not a {finding.level}: {sentence}"
    return _unresolved(rule, finding, example)


def _unresolved(rule: Rule, finding: Finding, example: Example) -> str | None:
    """An error if the rule still finds something after the finding's fix is applied; else None."""
    if finding.fix is None or finding.job is None:
        return None
    if finding.fix.script:
        return _unresolved_in_script(rule, finding.job, finding.fix, example)
    fixed = replace(finding.job, request=applied(finding.job.request, finding.fix), observations=[])
    left = engine_of_examples(rule).judge(fixed).findings
    return f"the finding remains after its fix: {left[0].text[0]} ({path_text(left[0].path)})" if left else None


def _unresolved_in_script(rule: Rule, job: TuningJob, fix: Fix, example: Example) -> str | None:
    """An error if the rule still finds something after the changes in the example's training script; else None."""
    from hpolint.fixes.changes import NoEditError
    from hpolint.fixes.fix_planner import file_edits
    from hpolint.fixes.script_edits import script_edits, script_source

    try:
        script = script_source(job, fix.script)
        text = applied_edits(script.text, file_edits(script, script_edits(script, fix.script)))
    except NoEditError as error:
        return f"the fix is not written: {error}"
    _, findings, failure = judged(rule, replace(example, text=with_file(example.text, script.name, text)))
    left = findings[0].text[0] if findings else failure
    return f"the finding remains after its fix: {left}" if left is not None else None
