"""The installed guard: it judges the calls of a process and decides about each."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec.structs import replace

from hpolint.config.lookup import CheckOptions, Configurations, Resolved
from hpolint.config.naming import check_configurations
from hpolint.guard.callers import Caller, calling_frames, find_caller, tuners
from hpolint.guard.events import Events
from hpolint.guard.launch_objects import codes_of_tuner, spelling_of_tuner
from hpolint.guard.messages import UPLOADED, counted, notice_text, refusal_table, refusal_text
from hpolint.guard.refusal import Refused
from hpolint.guard.sent_requests import fingerprint, read_parameters
from hpolint.guard.written_exemptions import not_silenced
from hpolint.io import disk
from hpolint.io.files import is_within
from hpolint.io.internal_errors import internal_error
from hpolint.model.finding import Finding
from hpolint.model.ignore_comment import today
from hpolint.model.job import Reading, mark_twins
from hpolint.model.level import LEVELS, Level
from hpolint.model.rule import Rule
from hpolint.model.settings import Settings
from hpolint.model.source import Source
from hpolint.model.training_code import codes_of_request
from hpolint.registry.choosing import known_rules, name_error
from hpolint.report.outcome import Outcome
from hpolint.report.report import Report
from hpolint.report.twins import merged
from hpolint.run.file_check import FileChecks
from hpolint.run.recording import file_record
from hpolint.run.report_making import report_of_records
from hpolint.suppressions.baseline import baseline_of

if TYPE_CHECKING:
    from types import FrameType

logger = logging.getLogger("hpolint.guard")
Mode = Literal["refuse", "warn"]
MAX_CALLS = 100
"""Judged calls that the guard keeps, for tests and notebooks."""

JUDGED = "hpolint_judged"
"""The key of the judged content in botocore's context of a call."""


class Call(msgspec.Struct, frozen=True):
    """A judged call: its operation, its place, its outcome, and the findings that refuse it."""

    operation: str
    caller: Caller
    settings: Settings
    outcome: Outcome | None = None
    refusing: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        """The operation, its place, and the rules of its findings."""
        rules = ", ".join(f"{each.level} {each.rule.id}" for each in self.findings)
        return f"<{self.operation} from {self.caller.place}: {rules or 'no findings'}>"

    @property
    def findings(self) -> list[Finding]:
        """The findings of the call, most severe first."""
        found = self.outcome.findings if self.outcome is not None else []
        findings = [first for first, *_ in merged(found)]
        return sorted(findings, key=lambda finding: LEVELS.index(finding.level))

    @property
    def report(self) -> Report:
        """The report on the findings that refuse it."""
        records = []
        if self.outcome is not None:
            refusing = replace(self.outcome, findings=list(self.refusing))
            records.append(file_record(refusing, lambda _name: None))
        return report_of_records(records, {"settings": self.settings}, [])


class Guard:
    """The guard of this process. ``calls`` are the last calls that it judged, ``refusals`` the refusals, if kept."""

    def __init__(self, options: CheckOptions, refuse: Level, mode: Mode) -> None:
        self._refuse = refuse
        self._mode = mode
        self._options = options
        self._lock = threading.RLock()
        self._noticed: set[str] = set()
        self._events = Events(self._before_build, self._before_call)
        self._broken: Exception | None = None
        self.calls: deque[Call] = deque(maxlen=MAX_CALLS)
        self.refusals: deque[Refused] = deque(maxlen=0)

    def keep_refusals(self) -> None:
        """Keep the last refusals in ``refusals`` from now on: for tests, since they keep frames."""
        self.refusals = deque(self.refusals, maxlen=MAX_CALLS)

    def start(self) -> None:
        """Register the handlers, then read the configuration. Raises ImportError; after all other errors it is on."""
        self._events.register()
        try:
            if self._refuse not in LEVELS:
                raise ValueError(f"refuse={self._refuse!r}: must be one of {', '.join(map(repr, LEVELS))}")
            if self._mode not in ("refuse", "warn"):
                raise ValueError(f"mode={self._mode!r}: must be 'refuse' or 'warn'")
            if not isinstance(self._options.settings, Mapping):
                raise TypeError(f"settings={self._options.settings!r}: must be a mapping")
            self._read_configuration()
        except Exception as error:
            self._broken = error
            raise

    def restart(self) -> None:
        """Register the handlers again, with the configuration that was read."""
        self._events.register()

    def stop(self) -> None:
        """Remove the handlers."""
        self._events.unregister()

    def _read_configuration(self) -> None:
        self._folder = disk.real(os.getcwd())
        self._configurations = Configurations(self._options, notices := [], self._folder)
        self._resolved: Resolved = self._configurations.of_folder(self._folder)
        notices += check_configurations([self._resolved], self._configurations.policies)
        for notice in notices:
            logger.warning("%s", notice)
        self._baseline = baseline_of(self._resolved.settings, working_folder=self._folder)
        self._day = today()
        self._checks = FileChecks([], self._baseline)
        self._checks.checker(self._resolved.settings)  # now, so that the first call is quick

    @property
    def known_rules(self) -> tuple[Rule, ...]:
        """The built-in rules and those of the policies."""
        return known_rules(self._resolved.settings) if self._broken is None else ()

    @property
    def _origin(self) -> str:
        """The configuration files that apply, in words."""
        files = [file.path for file in self._resolved.files]
        policy_files = chain.from_iterable(policy.files for policy in self._configurations.policies)
        policies = [file.path for file in policy_files]
        settings = f"settings of {', '.join(files)}" if files else "no configuration file"
        return f"{settings}; policy {', '.join(policies)}" if policies else f"{settings}; no policy"

    def __repr__(self) -> str:
        """The mode and the configuration that applies."""
        if self._broken is not None:
            return f"<hpolint.guard: refuses every job: {self._broken}>"
        what = f"refuses findings from the level {self._refuse}" if self._mode == "refuse" else "refuses nothing"
        return f"<hpolint.guard: {what}; {self._origin}>"

    def _before_build(self, params: Any, model: Any, context: Any = None, **_: Any) -> None:
        """Judge the parameters of a call, before botocore validates them."""
        self._look(model.name, params, context)

    def _before_call(self, params: Any, model: Any, context: Any = None, **_: Any) -> None:
        """Judge the request as it is sent, if it differs from the parameters that were judged."""
        try:
            body = msgspec.json.decode(params["body"])
        except (KeyError, TypeError, msgspec.DecodeError, UnicodeDecodeError):
            return
        self._look(model.name, body, context)

    def _look(self, operation: str, parameters: Any, context: Any) -> None:
        """Judge a call once for each content of it. Raises Refused."""
        frames = calling_frames()
        caller = find_caller(frames)
        if self._broken is not None:
            raise self._refused_unread(operation, caller, str(self._broken))
        try:
            if self._is_judged(parameters, context):
                return
            source, reading = read_parameters(operation, parameters)
            with self._lock:
                call, errors = self._judged(operation, caller, frames, source, reading)
        except Exception as error:  # noqa: BLE001 - an error of the guard must not stop a launch
            self._on_error(operation, caller, internal_error("the guard", error))
            return
        for line in errors:
            self._on_error(operation, caller, line)
        self.calls.append(call)
        self._act(call, reading.notices, has_uploads=next(tuners(frames), None) is not None)

    def _is_judged(self, parameters: Any, context: Any) -> bool:
        """Whether the same content was judged before in this call; it is judged from now on."""
        content = fingerprint(parameters)
        if not isinstance(context, dict):
            return False
        known, context[JUDGED] = context.get(JUDGED), content
        return known == content

    def _judged(
        self, operation: str, caller: Caller, frames: list[FrameType], source: Source, reading: Reading
    ) -> tuple[Call, list[str]]:
        """The judged call, and the internal errors on the way."""
        if today() != self._day:  # rules may ask for the day
            self._day, self._checks = today(), FileChecks([], self._baseline)
        self._checks.forget_scripts()
        settings = self._settings_for(caller)
        if settings is None:
            return Call(operation, caller, self._resolved.settings), []
        for job in reading.jobs if operation == "CreateHyperParameterTuningJob" else ():
            job.codes = codes_of_request(job.request)
            for tuner in tuners(frames):
                job.codes |= codes_of_tuner(tuner, job.request)
                job.spelling = spelling_of_tuner(tuner)
        mark_twins(reading.jobs)
        # What names places of files holds for the caller's file, not for the request.
        outcome = self._checks.checker(_without_files(settings)).judged(source, reading)
        findings = [finding for finding in outcome.findings if finding.rule.category != "hygiene"]
        if findings:
            rules = tuple(self._checks.rules(settings).values())
            findings = not_silenced(findings, caller, settings, self._checks, rules)
        outcome = replace(outcome, findings=self._not_allowed(findings, caller))
        refusing = tuple(first for first, *_ in merged(outcome.findings) if self._is_refusing(first))
        errors = [*([outcome.internal_error] if outcome.internal_error else []), *(f.text for f in outcome.failures)]
        return Call(operation, caller, self._resolved.settings, outcome, refusing), errors

    def _settings_for(self, caller: Caller) -> Settings | None:
        """The settings for a caller's file; None if the configuration excludes it and locks nothing."""
        if caller.file.startswith("<") or caller.cells or not is_within(disk.real(caller.file), self._folder):
            return self._resolved.settings
        path = disk.real(caller.file)
        is_excluded = self._configurations.excludes(path, self._folder)
        return self._configurations.of_file(path, is_excluded=is_excluded, folder=self._folder)

    def _is_refusing(self, finding: Finding) -> bool:
        return LEVELS.index(finding.level) <= LEVELS.index(finding.rule.fails_from or self._refuse)

    def _not_allowed(self, findings: list[Finding], caller: Caller) -> list[Finding]:
        """The findings that the running code does not allow. What it allows is logged."""
        reasons = dict(_allowed.get())
        left = []
        for each in findings:
            reason = reasons.get(each.rule.id) or reasons.get(each.rule.name)
            if reason is None or each.rule.fails_from is not None:
                left.append(each)
            else:
                logger.warning("%s: %s is allowed: %s", caller.place, each.rule.id, reason)
        return left

    def _act(self, call: Call, notices: Sequence[str], *, has_uploads: bool) -> None:
        """Refuse a call, or print the notice about it. Raises Refused."""
        if notices:
            self._act_on_unread(call, notices[0])
            return
        if not call.refusing:
            notice = notice_text(call.caller.place, call.operation, call.findings)
            if notice:
                self._say(notice)
            return
        if self._mode == "warn":
            heading = f"{call.operation} from {call.caller.place} would be refused: {counted(call.refusing)}"
            self._say(f"hpolint: {refusal_text(heading, call.report, [self._judged_by])}")
            return
        heading = f"{call.operation} from {call.caller.place} was not sent: {counted(call.refusing)}"
        closing = [self._judged_by, *([UPLOADED] if has_uploads else []), *_ways_out(call.refusing)]
        sources = call.outcome.sources if call.outcome is not None else {}
        refusal = Refused(
            refusal_text(heading, call.report, closing),
            call.refusing,
            call.caller.file,
            call.caller.line,
            refusal_table(heading, call.refusing, sources, closing, _size_of(call)),
        )
        self.refusals.append(refusal)
        raise refusal

    def _act_on_unread(self, call: Call, notice: str) -> None:
        """Say that a call is not judged; refuse it if a rule must be decided. Raises Refused."""
        if call.refusing and self._mode == "refuse":
            rule = call.refusing[0].rule.id
            reason = f"{notice}, and the settings demand a decision of {rule}"
            raise self._refused_unread(call.operation, call.caller, reason)
        self._say(f"hpolint: {call.caller.place}: {call.operation} is not judged: {notice}")

    @property
    def _judged_by(self) -> str:
        return f"Judged with {self._origin}."

    def _on_error(self, operation: str, caller: Caller, error: str) -> None:
        """Let a call through after an internal error, with a warning; refuse it if any rule is locked."""
        if self._resolved.settings.locking and self._mode == "refuse":
            raise self._refused_unread(operation, caller, f"locked rules could not be judged: {error}")
        self._say(f"hpolint: {caller.place}: {operation} is not judged completely: {error}")

    def _refused_unread(self, operation: str, caller: Caller, reason: str) -> Refused:
        text = f"{operation} from {caller.place} was not sent: {reason}"
        refusal = Refused(text, (), caller.file, caller.line)
        self.refusals.append(refusal)
        return refusal

    def _say(self, text: str) -> None:
        """Print a text on stderr, once."""
        if text not in self._noticed and sys.stderr is not None:
            self._noticed.add(text)
            print(text, file=sys.stderr)  # noqa: T201 - it is for who launches the job


def _without_files(settings: Settings) -> Settings:
    """The settings without what names files, which is applied by the caller's file."""
    if not settings.silencing.suppressions:
        return settings
    return replace(settings, silencing=replace(settings.silencing, suppressions=()))


INVALID = "launch/invalid-request"
"""The rule about requests that botocore or the service refuses in any case."""


def _ways_out(findings: Sequence[Finding]) -> list[str]:
    """The sentences about what to do if the findings are intended."""
    rules = list(dict.fromkeys(each.rule.id for each in findings if each.rule.fails_from is None))
    locked = list(dict.fromkeys(each.rule.id for each in findings if each.rule.fails_from is not None))
    lines = []
    if locked:
        are = f"{' and '.join(locked)} {'is' if len(locked) == 1 else 'are'}"
        lines.append(f"{are} locked by the organisation: change the job, or ask who locked it for a waiver.")
    elif rules != [INVALID]:
        names = ", ".join(f'"{rule}"' for rule in rules)
        lines.append(f'To send it anyway: `with hpolint.guard.allow({names}, reason="…"):` around the call.')
    return lines


_allowed: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("hpolint_guard_allowed", default=())
"""The rules that the running code allows, by the name that it uses, each with the reason."""

_installing = threading.Lock()
_installed: Guard | None = None


def install_guard(
    *, policy: str | None, config: str | None, settings: Mapping[str, Any], isolated: bool, refuse: Level, mode: Mode
) -> Guard:
    """Replace the guard of this process. Raises as ``hpolint.guard.install``."""
    global _installed
    configs = () if config is None else (os.path.abspath(config),)
    named = policy or ""
    if named and not named.startswith("package:"):
        named = os.path.abspath(named)
    guard = Guard(CheckOptions(settings, configs, isolated, policy=named), refuse, mode)
    with _installing:
        if _installed is not None:
            _installed.stop()
        _installed = guard
        guard.start()
    return guard


def installed_guard() -> Guard | None:
    """The guard of this process, if there is one."""
    return _installed


def reinstall_guard(guard: Guard) -> None:
    """Make a guard that was replaced the guard of this process again, with the configuration that it has read."""
    global _installed
    with _installing:
        _installed = guard
        guard.restart()


def uninstall_guard() -> None:
    """Remove the guard of this process, if there is one."""
    global _installed
    with _installing:
        if _installed is not None:
            _installed.stop()
            _installed = None


@contextmanager
def allowing(rules: Sequence[str], reason: str) -> Iterator[None]:
    """Allow some rules for the running code: see ``hpolint.guard.allow``. Raises ValueError."""
    if not rules or not all(isinstance(rule, str) for rule in rules):
        raise ValueError("allow() takes the rules as strings, such as allow('launch/too-few-combinations', reason=…)")
    if not reason.strip():
        raise ValueError("allow() needs a reason: it is logged")
    known = _installed.known_rules if _installed is not None else ()
    for rule in rules if known else ():
        if error := name_error(rule, known, category=False):
            raise ValueError(error)
    token = _allowed.set((*_allowed.get(), *((rule, reason) for rule in rules)))
    try:
        yield
    finally:
        _allowed.reset(token)


def _size_of(call: Call) -> list[str]:
    """What a call's job costs at worst and how it searches, in the words of JupyterLab's card; empty without a job."""
    from hpolint.cost.configured_prices import prices_of
    from hpolint.cost.job_size import WORST_CASE, hint_text, size_text
    from hpolint.engine.evaluation_context import EvaluationContext

    if call.outcome is None or not call.outcome.jobs:
        return []
    try:
        job = call.outcome.jobs[0]
        budget = EvaluationContext(job).subjects("job")[0].values.get("budget", {})
        size = size_text(*(budget.get(name) for name in ("trials", "at_once", "rounds")))
        worst = hint_text(job, prices_of(call.settings.cost))
    except Exception:  # noqa: BLE001 - the call is refused all the same
        return []
    return [line for line in (worst, size, WORST_CASE) if line]
