"""Rule files held against their own examples: what ``hpolint test`` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from hpolint.cel.type_checks import ExpressionError
from hpolint.engine.engine import Engine
from hpolint.io.escaping import visible
from hpolint.io.files import leads_out, read_start
from hpolint.model.finding import Finding, Verdicts
from hpolint.model.fix import applied
from hpolint.model.message_text import text
from hpolint.model.node import path_text
from hpolint.model.rule import Example, Rule, RuleError, UnreadableRuleError
from hpolint.model.settings import Settings
from hpolint.model.source import Source
from hpolint.registry import builtin_folder
from hpolint.registry.choosing import chosen_rules
from hpolint.registry.condition_parts import shortened
from hpolint.registry.examples import ExampleError, read_example
from hpolint.registry.rule_checks import check_rule
from hpolint.registry.rule_reader import OUT_OF_POLICIES, RuleFile, build_rule, read_rule_file


class Tested(msgspec.Struct):
    """What came of some rule files."""

    rules: int = 0
    examples: int = 0
    errors: list[RuleError] = msgspec.field(default_factory=list)
    hints: list[RuleError] = msgspec.field(default_factory=list)
    """Parts of conditions that no example needs: no mistake, but nobody has proven them."""

    @property
    def is_unread(self) -> bool:
        """Whether one of the files could not be read."""
        return any(isinstance(error, UnreadableRuleError) for error in self.errors)

    def text(self, *, quiet: bool) -> str:
        """What people are told: errors, and unless they want those only, hints and a count."""
        lines = [f"{visible(str(error))}\n" for error in self.errors]
        if not quiet:
            hints = (f"{hint.file}:{hint.line}:{hint.column}: hint: {hint.reason}" for hint in self.hints)
            lines += [f"{visible(hint)}\n" for hint in hints]
            found = _plural(len(self.errors), "error") if self.errors else "all sound"
            lines.append(f"{_plural(self.rules, 'rule')}, {_plural(self.examples, 'example')}: {found}\n")
        return "".join(lines)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def run_tests(paths: list[Path], folders: Sequence[str] = ()) -> Tested:
    """Prove each rule file and run its examples; the names of all must differ.

    A file of one of the ``folders`` that is a link out of it, and out of its repository, is not read.
    """
    named = set(map(Path, folders))
    tested = Tested()
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
                errors = [*_taken(rule, taken), *_failing(rule, before)]
                tested.hints += [] if errors else [*_unneeded(rule, file), *_taken_category(rule)]
        except RuleError as error:
            errors = [error]
        tested.errors += errors
    return tested


def found_files(names: list[str]) -> list[Path]:
    """The rule files that some paths name: files, and those of folders, at any depth. Raises FileNotFoundError."""
    found: dict[Path, None] = {}
    for name in names:
        path = Path(name)
        if path.is_dir():
            found |= dict.fromkeys(sorted(each for each in path.rglob("*.md") if _is_rule(each)))
        elif path.exists():
            found[path] = None
        else:
            raise FileNotFoundError(name)
    return list(found)


def _is_rule(path: Path) -> bool:
    """Whether a Markdown file of a folder is meant as a rule: a README beside them has no front matter."""
    try:
        return read_start(str(path), 8).removeprefix(b"\xef\xbb\xbf").startswith(b"---")
    except OSError:
        return True  # whoever reads it says why it cannot be read


def _taken(rule: Rule, taken: dict[str, str]) -> Iterator[RuleError]:
    if rule.id in taken:
        yield RuleError(rule.file, 1, 1, f"the name `{rule.id}` is taken by {taken[rule.id]}")
    taken.setdefault(rule.id, rule.file)


def _failing(rule: Rule, before: int) -> Iterator[RuleError]:
    """The examples that do not come out as their heading says; ``before`` is the line of the page's first."""
    has_fix = failed = False
    for example in rule.examples:
        verdict, findings, trouble = judged(rule, example)
        has_fix |= any(finding.fix is not None for finding in findings)
        reason = trouble
        if reason is None and verdict != example.verdict:
            why = f": {findings[0].text[0]}" if findings else _hint(rule, example)
            reason = f"this example is {verdict}, not {example.verdict}{why}"
        reason = reason or next((said for finding in findings if (said := _unfixed(rule, finding))), None)
        if reason is not None:
            failed = True
            yield RuleError(rule.file, before + example.line - 1, 1, reason)
    if rule.fix is not None and not has_fix and not failed:
        yield RuleError(rule.file, before, 1, "no example shows the fix: each finding is offered none")


def _taken_category(rule: Rule) -> Iterator[RuleError]:
    """That a rule has a category of hpolint's, and is none of its own."""
    if rule.is_builtin and not Path(rule.file).absolute().is_relative_to(builtin_folder().absolute()):
        reason = f"`{rule.category}` is hpolint's own category: as a policy of yours it is refused"
        yield RuleError(rule.file, 1, 1, reason)


def _unneeded(rule: Rule, file: RuleFile) -> Iterator[RuleError]:
    """The parts of a rule's condition without which every example comes out the same."""
    if rule.when is None or rule.emitted_by is not None:
        return
    as_it_is = _verdicts(rule)
    for part, shorter in shortened(rule.when):
        if _verdicts(replace(rule, when=shorter)) == as_it_is:
            written = " ".join(rule.when[part.start : part.end].split())
            reason = f"no example needs `{written}`: without it each comes out the same"
            yield file.error(file.place(file.front.get("when"), part.start), reason)


def _verdicts(rule: Rule) -> list[tuple[str, int]] | None:
    """What the examples come out as; None where the condition is not sound, as without a guard against null."""
    try:
        found = [judged(rule, example) for example in rule.examples]
    except ExpressionError:
        return None
    return [(verdict, len(findings)) for verdict, findings, _ in found]


def _hint(rule: Rule, example: Example) -> str:
    """What of an example the service would refuse: it may be a slip of whoever wrote it."""
    from hpolint.schema.check import shape_errors

    if rule.emitted_by is not None:
        return ""
    jobs = read_example(rule, example)[1].jobs
    errors = [error for job in jobs for error in shape_errors(job)]
    strange = [error for error in errors if not error.set and "lacks" not in str(error.message)]
    return f": {text(strange[0].message[0], None)}" if strange else ""


def judged(rule: Rule, example: Example) -> tuple[str, list[Finding], str | None]:
    """The verdict on an example, with what was found, and what went wrong, if anything."""
    try:
        source, reading = read_example(rule, example)
    except ExampleError as error:
        return "", [], str(error)
    if rule.emitted_by == "suppressions":
        return _suppressing(rule, source)
    engine, verdicts = Engine((rule.with_example_options,)), Verdicts()
    raised = [each for job in reading.jobs for each in engine.raised(job, verdicts)]
    findings = [*engine.problems(source, reading), *engine.grouped(raised)]
    failure = next((failure.reason for failure in verdicts.failures), None)
    violated = [each for each in findings if each.undecided is None]
    if not violated and (findings or verdicts.undecided):
        return "undecided", findings, failure
    return "found" if violated else "clean", findings, failure


def _suppressing(rule: Rule, source: Source) -> tuple[str, list[Finding], str | None]:
    """The same of a rule about suppressions, which are of all the rules that are on."""
    from hpolint.discovery.candidates import Candidate
    from hpolint.run.candidate_check import Checker

    asked = (*(each for each in chosen_rules(Settings()) if each.id != rule.id), rule)
    outcome = Checker(asked, Settings()).outcome(Candidate(source.name, source.text.encode()))
    findings = [finding for finding in outcome.findings if finding.rule.id == rule.id]
    return "found" if findings else "clean", findings, outcome.internal_error


def _unfixed(rule: Rule, finding: Finding) -> str | None:
    """What is left of a finding once its fix is applied."""
    if finding.fix is None or finding.job is None:
        return None
    fixed = finding.job.with_request(applied(finding.job.request, finding.fix), [])
    left = Engine((rule.with_example_options,)).judge(fixed).findings
    return f"the fix leaves the finding: {left[0].text[0]} ({path_text(left[0].path)})" if left else None
