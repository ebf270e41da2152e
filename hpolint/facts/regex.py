"""Whether a regular expression can match what is printed, told without running it: by its states, in linear steps.

A user's expression may backtrack without end in Python's ``re``. Here its syntax tree, which ``re`` itself makes,
becomes states and characters, and a printed line becomes pieces of which some are known and some are any number or any
text. The states that each piece can lead to are followed side by side, so the work is states times pieces.
"""

from __future__ import annotations

import re
import string
import warnings
from collections.abc import Callable, Iterable
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import msgspec

from hpolint.model.training_script import NUMBER, WORD, Template, Wildcard

CHARACTERS = {
    "number": "0123456789.-+eE,%_ infaINFAj",
    "word": f"{string.ascii_letters}{string.digits}_.-<>/",
    "dense": f"{string.ascii_letters}{string.digits}{string.punctuation}",
}
"""The characters that numbers are printed with, by any format, those of names, and all but spaces. Text has any."""

FIGURES: tuple[Template, ...] = (  # of arrays, tensors, devices and times, beside numbers
    *((each,) for each in ("tensor(", "array(", "[", "]", "(", ")", "'", ":", "/", "True", "False", " day", "s")),
    *((each,) for each in ("device='cuda:", "device='cpu'", "dtype=", "torch.", "np.", "float", "bfloat", "int")),
    *((each,) for each in ("uint", "bool", "size=", "cuda", "cpu", "mps", "requires_grad=True")),
    ("grad_fn=<", WORD, ">"),
)
SHOWN: dict[str, tuple[Wildcard, tuple[Template, ...]]] = {
    "figures": (NUMBER, FIGURES),
    "given": (Wildcard("dense"), ((", ",), ("': ",), ('": ',))),
}
"""What is shown as some characters and words, in any order: values without a space have one between them."""

BREAKING = frozenset({"text", "figures"})
"""Holes that may have ends of lines: what is shown of an array, or a report."""

OTHER_DIALECT = re.compile(r"\[\[:|\[\^?\[|&&\[|--\[")
"""Classes within classes, which Python reads otherwise than POSIX and Java do."""

MOST_STATES = 5_000
MOST_UNITS = 300
MOST_REPEATS = 60
"""So often a part is repeated one by one; more often is any number of times."""

Test = Callable[[str], bool]


class NoRegexError(Exception):
    """An expression that Python refuses, or one too large or too strange to be followed."""


class _State(msgspec.Struct):
    """Where an expression may be: with the characters that lead on, and the states that are reached without one."""

    steps: list[tuple[Test, int]] = msgspec.field(default_factory=list)
    free: list[int] = msgspec.field(default_factory=list)
    at_start: list[int] = msgspec.field(default_factory=list)
    at_end: list[int] = msgspec.field(default_factory=list)


class Regex:
    """An expression, ready to be asked. Raises NoRegexError."""

    def __init__(self, text: str) -> None:
        self._states: list[_State] = []
        self._loose = False
        if OTHER_DIALECT.search(text):
            raise NoRegexError("it is of another dialect")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = parser.parse(text)
        except (re.error, RecursionError, OverflowError) as error:
            raise NoRegexError(str(error)) from None
        self._flags = tree.state.flags
        if self._flags & re.ASCII:
            raise NoRegexError("it is of ASCII alone")
        self._accepting: dict[tuple[Test, str], bool] = {}
        self._start = self._new()
        try:
            self._end = self._sequence(tree, self._start)
        except RecursionError:
            raise NoRegexError("it is nested too deep") from None

    @property
    def is_exact(self) -> bool:
        """Whether all of it is followed; else it looks around or back, which is taken for holding."""
        return not self._loose

    def may_match(self, line: Template) -> bool:
        """Whether it can match a part of some text that a line can be. It is no if it can not."""
        units = _units(line)
        ends = next((at for at in range(len(units), 0, -1) if isinstance(units[at - 1], str)), 0)
        states = self._closed({self._start}, at_start=True, at_end=ends == 0)
        for number, unit in enumerate(units, 1):
            if self._end in states:
                return True
            may_break = isinstance(unit, Wildcard) and unit.kind in BREAKING
            at_end = number >= ends or may_break
            if may_break:
                states = states | self._anew(at_end, at_start=True)
            states = self._past(states, unit, at_end) | self._anew(at_end, at_start=may_break)
        return self._end in states

    def matches(self, text: str) -> bool:
        """Whether it matches a part of a text."""
        return self.may_match((text,))

    def fit(self, line: Template) -> tuple[list[str | Wildcard], str | Wildcard | None]:
        """The characters and holes of a line that the expression fits, as many as it can, and what comes behind them.

        They are those of one attempt, from one place; with nothing behind them it lacks what is not in the line.
        """
        units = _units(line)[:MOST_UNITS]
        best = (0, 0)
        for start in range(len(units)):
            end = self._attempt(units, start)
            best = max(best, (start, end), key=lambda each: each[1] - each[0])
        start, end = best
        return units[start:end], units[end] if end < len(units) else None

    def _attempt(self, units: list[str | Wildcard], start: int) -> int:
        """How far the expression gets from a place."""
        states = self._closed({self._start}, at_start=start == 0, at_end=False)
        for at in range(start, len(units)):
            unit = _plainly(units[at])
            if isinstance(unit, Wildcard) and not self._fits(states, unit):
                return at
            states = self._past(states, unit, at_end=False)
            if not states:
                return at
        return len(units)

    def _fits(self, states: set[int], hole: Wildcard) -> bool:
        """Whether some character of a hole leads on."""
        accepted = CHARACTERS.get(hole.kind)
        steps = (accepts for state in states for accepts, _ in self._states[state].steps)
        return any(accepted is None or self._takes(accepts, hole.kind, accepted) for accepts in steps)

    def _anew(self, at_end: bool, *, at_start: bool = False) -> set[int]:
        """The states of a match that begins here."""
        return self._closed({self._start}, at_start=at_start, at_end=at_end)

    def _past(self, states: set[int], unit: str | Wildcard, at_end: bool) -> set[int]:
        """The states behind a character or a hole."""
        if isinstance(unit, str):
            return self._behind(states, unit, at_end)
        if unit.kind in SHOWN:
            return self._shown(states, *SHOWN[unit.kind], at_end)
        return self._within(states, unit.kind, at_end)

    def _shown(self, states: set[int], base: Wildcard, words: tuple[Template, ...], at_end: bool) -> set[int]:
        """The states behind what is shown with some words; the last, where it is reached within one of them."""
        reached = self._past(states, base, at_end)
        size = 0
        while len(reached) > size:
            size = len(reached)
            for word in words:
                inside = reached
                for unit in _units(word):
                    inside = self._past(inside, unit, at_end) | self._anew(at_end)
                    reached |= inside & {self._end}
                reached |= inside
            reached = self._past(reached, base, at_end)
        return reached

    def _behind(self, states: set[int], char: str, at_end: bool) -> set[int]:
        """The states behind one character."""
        found = {target for state in states for accepts, target in self._states[state].steps if accepts(char)}
        return self._closed(found, at_start=False, at_end=at_end)

    def _within(self, states: set[int], kind: str, at_end: bool) -> set[int]:
        """The states behind any number of a hole's characters."""
        accepted = CHARACTERS.get(kind)
        reached = self._closed(states, at_start=False, at_end=at_end)
        waiting = list(reached)
        while waiting:
            for accepts, target in self._states[waiting.pop()].steps:
                if target not in reached and (accepted is None or self._takes(accepts, kind, accepted)):
                    new = self._closed({target}, at_start=False, at_end=at_end) - reached
                    reached |= new
                    waiting += new
        return reached

    def _takes(self, accepts: Test, kind: str, accepted: str) -> bool:
        """Whether a test takes one of a hole's characters."""
        if (accepts, kind) not in self._accepting:
            self._accepting[accepts, kind] = any(map(accepts, accepted))
        return self._accepting[accepts, kind]

    def _closed(self, states: Iterable[int], *, at_start: bool, at_end: bool) -> set[int]:
        """Some states with all that are reached from them without a character."""
        found, waiting = set(states), list(states)
        while waiting:
            state = self._states[waiting.pop()]
            for target in [*state.free, *(state.at_start if at_start else ()), *(state.at_end if at_end else ())]:
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        return found

    def _new(self) -> int:
        if len(self._states) >= MOST_STATES:
            raise NoRegexError("it has too many states")
        self._states.append(_State())
        return len(self._states) - 1

    def _sequence(self, parts: Any, state: int) -> int:
        for operation, argument in parts:
            state = self._part(operation, argument, state)
        return state

    def _part(self, operation: Any, argument: Any, state: int) -> int:  # noqa: C901 - one case for each operation
        match operation:
            case constants.LITERAL:
                return self._step(state, self._literal(argument))
            case constants.NOT_LITERAL:
                same = self._literal(argument)
                return self._step(state, lambda char: not same(char))
            case constants.ANY:
                all_ = bool(self._flags & re.DOTALL)
                return self._step(state, lambda char: all_ or char != "\n")
            case constants.IN:
                return self._step(state, self._class(argument))
            case constants.BRANCH:
                end = self._new()
                for branch in argument[1]:
                    self._states[self._sequence(branch, state)].free.append(end)
                return end
            case constants.SUBPATTERN:
                _, more, less, parts = argument
                flags, self._flags = self._flags, (self._flags | more) & ~less
                state = self._sequence(parts, state)
                self._flags = flags
                return state
            case constants.ATOMIC_GROUP:
                self._loose = True
                return self._sequence(argument, state)
            case constants.MAX_REPEAT | constants.MIN_REPEAT | constants.POSSESSIVE_REPEAT:
                self._loose |= operation is constants.POSSESSIVE_REPEAT
                low, high, parts = argument
                return self._repeated(low, high, parts, state)
            case constants.AT:
                return self._anchor(argument, state)
        if operation is constants.GROUPREF_EXISTS:
            raise NoRegexError("it asks for a group")
        self._loose = True  # it looks around or back
        return self._any_text(state) if operation is constants.GROUPREF else state

    def _step(self, state: int, accepts: Test) -> int:
        end = self._new()
        self._states[state].steps.append((accepts, end))
        return end

    def _any_text(self, state: int) -> int:
        end = self._new()
        self._states[state].free.append(end)
        self._states[end].steps.append((lambda _: True, end))
        return end

    def _repeated(self, low: int, high: Any, parts: Any, state: int) -> int:
        for _ in range(min(low, MOST_REPEATS)):
            state = self._sequence(parts, state)
        if high is constants.MAXREPEAT or high - low > MOST_REPEATS or low > MOST_REPEATS:
            loop = self._new()
            self._states[state].free.append(loop)
            self._states[self._sequence(parts, loop)].free.append(loop)
            return loop
        end = self._new()
        for _ in range(high - low):
            self._states[state].free.append(end)
            state = self._sequence(parts, state)
        self._states[state].free.append(end)
        return end

    def _anchor(self, where: Any, state: int) -> int:
        end = self._new()
        if where in (constants.AT_BEGINNING, constants.AT_BEGINNING_STRING):
            self._states[state].at_start.append(end)
        elif where in (constants.AT_END, constants.AT_END_STRING):
            self._states[state].at_end.append(end)
        else:  # the edge of a word
            self._loose = True
            self._states[state].free.append(end)
        return end

    def _literal(self, code: int) -> Test:
        char = chr(code)
        if self._flags & re.IGNORECASE:
            return lambda other: other.lower() == char.lower()
        return lambda other: other == char

    def _class(self, parts: Any) -> Test:
        negated = bool(parts) and parts[0][0] is constants.NEGATE
        tests = [self._member(operation, argument) for operation, argument in parts[negated:]]
        return lambda char: any(test(char) for test in tests) is not negated

    def _member(self, operation: Any, argument: Any) -> Test:
        if operation is constants.LITERAL:
            return self._literal(argument)
        if operation is constants.RANGE:
            low, high = argument
            if self._flags & re.IGNORECASE:
                return lambda char: any(
                    low <= ord(each) <= high for each in (char.lower()[:1], char.upper()[:1]) if each
                )
            return lambda char: low <= ord(char) <= high
        return CATEGORIES[argument]


def _plainly(unit: str | Wildcard) -> str | Wildcard:
    """A hole without the words that its values are shown with."""
    return SHOWN[unit.kind][0] if isinstance(unit, Wildcard) and unit.kind in SHOWN else unit


def _units(line: Template) -> list[str | Wildcard]:
    """The characters and holes of a line."""
    return [unit for piece in line for unit in (piece if isinstance(piece, str) else (piece,))]


CATEGORIES: dict[Any, Test] = {
    constants.CATEGORY_DIGIT: str.isdigit,
    constants.CATEGORY_NOT_DIGIT: lambda char: not char.isdigit(),
    constants.CATEGORY_SPACE: str.isspace,
    constants.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    constants.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    constants.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}
