"""Whether a regular expression can match a printed line, by simulating a nondeterministic automaton in linear time.

A user's expression may backtrack without end in Python's ``re``. Here the syntax tree that ``re`` parses becomes an
automaton, and a printed line becomes known characters and wildcards for numbers or any text. All reachable states are
simulated together, so the work is states times characters. An expression may have thousands of states, and a script
thousands of lines: the work of one expression is limited.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import msgspec

from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import NUMBER, WORD, Template, Wildcard

LETTERS, DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
CHARACTERS = {
    "number": "0123456789.-+eE,%_ infaINFAj",
    "whole": "0123456789-+,_ infaINFA",
    "scientific": "0123456789.-+eE infaINFA",
    "word": f"{LETTERS}{DIGITS}_.-<>/",
    "dense": f"{LETTERS}{DIGITS}{PUNCTUATION}",
}
"""The characters of numbers in any format, of names, and all printable ones but spaces. Text has any character."""

FIGURE_WORDS: tuple[Template, ...] = (  # in arrays, tensors, devices and times, besides numbers
    *((each,) for each in ("tensor(", "array(", "[", "]", "(", ")", "'", ":", "/", "True", "False", " day", "s")),
    *((each,) for each in ("device='cuda:", "device='cpu'", "dtype=", "torch.", "np.", "float", "bfloat", "int")),
    *((each,) for each in ("uint", "bool", "size=", "cuda", "cpu", "mps", "requires_grad=True")),
    ("grad_fn=<", WORD, ">"),
)
COMPOSITE_WILDCARDS: dict[str, tuple[Wildcard, tuple[Template, ...]]] = {
    "figures": (NUMBER, FIGURE_WORDS),
    "given": (Wildcard("dense"), ((", ",), ("': ",), ('": ',))),
}
"""Wildcards that stand for a base wildcard and some words, in any order; values without a space are joined by one."""

MULTILINE_KINDS = frozenset({"text", "figures"})
"""Wildcards that may contain line ends, such as an array or a report."""

OTHER_DIALECT = lazy_regex(r"(?<!\\)(?:\\\\)*(?:\[\[:|\[\^?\[)|&&\[|--\[")
"""Nested character classes, which Python parses differently from POSIX and Java."""

MAX_STATES = 5_000
MAX_STATE_SETS = 500
"""Sets of states that the texts with unknown parts may lead to."""

MAX_VISITED_STATES = 200_000
"""States from which a search in texts with unknown parts goes on, counted at each character."""

MAX_UNITS = 300
MAX_REPEATS = 60
"""Repetitions of a part that are counted; more count as any number."""

MAX_STEPS = 500_000
"""Transitions that one expression may try, in all lines. Usual expressions try five for each character."""

Test = Callable[[str], bool]


class UnsupportedRegexError(Exception):
    """An expression that Python refuses, or that is too large or not supported."""


class ExpressionTooCostlyError(UnsupportedRegexError):
    """An expression that has tried too many transitions: whether it matches is not known."""

    def __init__(self) -> None:
        super().__init__("it takes too much work")


class _State(msgspec.Struct):
    """A state of the automaton: its transitions by character, and the states that are reached without one."""

    transitions: list[tuple[Test, int]] = msgspec.field(default_factory=list)
    epsilon: list[int] = msgspec.field(default_factory=list)
    at_start: list[int] = msgspec.field(default_factory=list)
    at_end: list[int] = msgspec.field(default_factory=list)


class Regex:
    """A compiled expression. Raises UnsupportedRegexError; each match may raise ExpressionTooCostlyError."""

    def __init__(self, text: str) -> None:
        self._states: list[_State] = []
        self._is_approximate = False
        if OTHER_DIALECT.search(text):
            raise UnsupportedRegexError("it uses another dialect")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = parser.parse(text)
        except (re.error, RecursionError, OverflowError) as error:
            raise UnsupportedRegexError(str(error)) from None
        self._flags = tree.state.flags
        if self._flags & re.ASCII:
            raise UnsupportedRegexError("it uses the ASCII flag")
        self._accepting: dict[tuple[Test, str], bool] = {}
        self._visited = 0
        self._first: dict[tuple[bool, bool], frozenset[int]] = {}
        self._steps_left = MAX_STEPS
        self._start = self._new_state()
        try:
            self._end = self._sequence(tree, self._start)
        except RecursionError:
            raise UnsupportedRegexError("it is nested too deep") from None

    @property
    def is_exact(self) -> bool:
        """Whether the automaton is exact. Otherwise some parts, such as lookarounds, are assumed to match."""
        return not self._is_approximate

    def may_match(self, line: Template) -> bool:
        """Whether it may match a part of a text that a line stands for. If False, it certainly cannot."""
        units = _units(line)
        ends = next((at for at in range(len(units), 0, -1) if isinstance(units[at - 1], str)), 0)
        states = self._closure({self._start}, at_start=True, at_end=ends == 0)
        for number, unit in enumerate(units, 1):
            if self._end in states:
                return True
            may_break = isinstance(unit, Wildcard) and unit.kind in MULTILINE_KINDS
            at_end = number >= ends or may_break
            if may_break:
                states = states | self._start_states(at_end, at_start=True)
            states = self._after(states, unit, at_end) | self._start_states(at_end, at_start=may_break)
        return self._end in states

    def matches_whole(self, text: str) -> bool:
        """Whether it matches a whole known text."""
        return self.may_match_whole((text,))

    def matches(self, text: str) -> bool:
        """Whether it matches a part of a known text."""
        return self.may_match((text,))

    def may_match_whole(self, line: Template) -> bool:
        """Whether it may match a whole text that a line stands for. If False, it certainly cannot."""
        units = _units(line)
        states = self._closure({self._start}, at_start=True, at_end=not units)
        for number, unit in enumerate(units, 1):
            states = self._after(states, unit, at_end=number == len(units))
        return self._end in states

    def search_results(self, pieces: Sequence[str | None], characters: str) -> set[bool]:
        """Whether it matches a part of a text, for all texts with these known pieces.

        None stands for any number of ``characters``. The result is exact if the automaton ``is_exact``. Raises
        UnsupportedRegexError if the texts lead to too many states.
        """
        self._visited = 0
        representatives = self._representatives(characters)
        reached = {frozenset(self._closure({self._start}, at_start=True, at_end=False))}
        for piece in pieces:
            if piece is None:
                reached = self._after_any(reached, representatives)
                continue
            for char in piece:
                reached = {self._search_step(states, char) for states in reached}
        results = {self._end in self._closure(states, at_start=False, at_end=True) for states in reached}
        if not any(pieces):  # the text may be empty, where `$` may come before `^`
            results.add(self._end in self._closure({self._start}, at_start=True, at_end=True))
        return results

    def _representatives(self, characters: str) -> str:
        """One of the characters for each way in which the transitions tell them apart."""
        tests: list[Test] = []
        for state in self._states:
            tests += (accepts for accepts, _ in state.transitions)
        representatives: dict[tuple[bool, ...], str] = {}
        for char in characters:
            representatives[tuple(accepts(char) for accepts in tests)] = char
        return "".join(representatives.values())

    def _after_any(self, reached: set[frozenset[int]], characters: str) -> set[frozenset[int]]:
        """The sets of states after any number of characters."""
        found, waiting = set(reached), list(reached)
        while waiting:
            states = waiting.pop()
            for char in characters:
                following = self._search_step(states, char)
                if following not in found:
                    if len(found) >= MAX_STATE_SETS:
                        raise UnsupportedRegexError("too many sets of states")
                    found.add(following)
                    waiting.append(following)
        return found

    def _search_step(self, states: frozenset[int], char: str) -> frozenset[int]:
        """The states of a search after one more character: once it has matched, it stays so."""
        if self._end in states:
            return frozenset({self._end})
        self._visited += len(states)
        if self._visited > MAX_VISITED_STATES:
            raise UnsupportedRegexError("too many states for the texts")
        return frozenset(self._after_character(set(states), char, at_end=False) | self._start_states(at_end=False))

    def fit(self, line: Template) -> tuple[list[str | Wildcard], str | Wildcard | None]:
        """The longest run of a line's characters and wildcards that the expression can match, and the unit after it.

        The run begins at one place of the line. Without a unit after it, the expression requires more than the line.
        """
        units = _units(line)[:MAX_UNITS]
        first = last = 0
        for start in range(len(units)):
            end = self._match_length(units, start)
            if end - start > last - first:
                first, last = start, end
        return units[first:last], next(iter(units[last:]), None)

    def _match_length(self, units: list[str | Wildcard], start: int) -> int:
        """The index at which a match that begins at ``start`` fails."""
        states = self._closure({self._start}, at_start=start == 0, at_end=False)
        for at in range(start, len(units)):
            unit = _base_wildcard(units[at])
            if isinstance(unit, Wildcard) and not self._can_continue(states, unit):
                return at
            states = self._after(states, unit, at_end=False)
            if not states:
                return at
        return len(units)

    def _can_continue(self, states: set[int], wildcard: Wildcard) -> bool:
        """Whether a state has a transition for some character of a wildcard."""
        accepted = CHARACTERS.get(wildcard.kind)
        tests: list[Test] = []
        for state in states:
            tests += (accepts for accepts, _ in self._states[state].transitions)
        if accepted is None:
            return bool(tests)
        return any(self._accepts_any(accepts, wildcard.kind, accepted) for accepts in tests)

    def _start_states(self, at_end: bool, *, at_start: bool = False) -> set[int]:
        """The states of a match that begins at the current place."""
        if (at_start, at_end) not in self._first:
            self._first[at_start, at_end] = frozenset(self._closure({self._start}, at_start=at_start, at_end=at_end))
        return set(self._first[at_start, at_end])

    def _after(self, states: set[int], unit: str | Wildcard, at_end: bool) -> set[int]:
        """The states after a character or a wildcard."""
        if isinstance(unit, str):
            return self._after_character(states, unit, at_end)
        if unit.kind in COMPOSITE_WILDCARDS:
            return self._after_composite(states, *COMPOSITE_WILDCARDS[unit.kind], at_end)
        return self._after_wildcard(states, unit.kind, at_end)

    def _after_composite(self, states: set[int], base: Wildcard, words: tuple[Template, ...], at_end: bool) -> set[int]:
        """The states after a composite wildcard; the end state also if it is reached within one of the words."""
        reached = self._after(states, base, at_end)
        size = 0
        while len(reached) > size:
            size = len(reached)
            for word in words:
                inside = reached
                for unit in _units(word):
                    inside = self._after(inside, unit, at_end) | self._start_states(at_end)
                    reached |= inside & {self._end}
                reached |= inside
            reached = self._after(reached, base, at_end)
        return reached

    def _after_character(self, states: set[int], char: str, at_end: bool) -> set[int]:
        """The states after one character."""
        found: set[int] = set()
        for state in states:
            transitions = self._states[state].transitions
            self._spend(len(transitions))
            found |= {target for accepts, target in transitions if accepts(char)}
        return self._closure(found, at_start=False, at_end=at_end)

    def _after_wildcard(self, states: set[int], kind: str, at_end: bool) -> set[int]:
        """The states after any number of a wildcard's characters."""
        accepted = CHARACTERS.get(kind)
        reached = self._closure(states, at_start=False, at_end=at_end)
        waiting = list(reached)
        while waiting:
            transitions = self._states[waiting.pop()].transitions
            self._spend(len(transitions))
            for accepts, target in transitions:
                if target not in reached and (accepted is None or self._accepts_any(accepts, kind, accepted)):
                    new = self._closure({target}, at_start=False, at_end=at_end) - reached
                    reached |= new
                    waiting += new
        return reached

    def _accepts_any(self, accepts: Test, kind: str, accepted: str) -> bool:
        """Whether a test accepts one of a wildcard's characters."""
        if (accepts, kind) not in self._accepting:
            self._accepting[accepts, kind] = any(map(accepts, accepted))
        return self._accepting[accepts, kind]

    def _closure(self, states: Iterable[int], *, at_start: bool, at_end: bool) -> set[int]:
        """The epsilon closure of some states."""
        found, waiting = set(states), list(states)
        while waiting:
            state = self._states[waiting.pop()]
            targets = [*state.epsilon, *(state.at_start if at_start else ()), *(state.at_end if at_end else ())]
            self._spend(len(targets))
            for target in targets:
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        return found

    def _spend(self, steps: int) -> None:
        self._steps_left -= steps
        if self._steps_left < 0:
            raise ExpressionTooCostlyError

    def _new_state(self) -> int:
        if len(self._states) >= MAX_STATES:
            raise UnsupportedRegexError("it has too many states")
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
                end = self._new_state()
                for branch in argument[1]:
                    self._states[self._sequence(branch, state)].epsilon.append(end)
                return end
            case constants.SUBPATTERN:
                _, more, less, parts = argument
                flags, self._flags = self._flags, (self._flags | more) & ~less
                state = self._sequence(parts, state)
                self._flags = flags
                return state
            case constants.ATOMIC_GROUP:
                self._is_approximate = True
                return self._sequence(argument, state)
            case constants.MAX_REPEAT | constants.MIN_REPEAT | constants.POSSESSIVE_REPEAT:
                self._is_approximate |= operation is constants.POSSESSIVE_REPEAT
                low, high, parts = argument
                return self._repeated(low, high, parts, state)
            case constants.AT:
                return self._anchor(argument, state)
        if operation is constants.GROUPREF_EXISTS:
            raise UnsupportedRegexError("it tests for a group")
        self._is_approximate = True  # a lookaround or a reference
        return self._any_text(state) if operation is constants.GROUPREF else state

    def _step(self, state: int, accepts: Test) -> int:
        end = self._new_state()
        self._states[state].transitions.append((accepts, end))
        return end

    def _any_text(self, state: int) -> int:
        end = self._new_state()
        self._states[state].epsilon.append(end)
        self._states[end].transitions.append((lambda _: True, end))
        return end

    def _repeated(self, low: int, high: Any, parts: Any, state: int) -> int:
        for _ in range(min(low, MAX_REPEATS)):
            state = self._sequence(parts, state)
        if high is constants.MAXREPEAT or high - low > MAX_REPEATS or low > MAX_REPEATS:
            loop = self._new_state()
            self._states[state].epsilon.append(loop)
            self._states[self._sequence(parts, loop)].epsilon.append(loop)
            return loop
        end = self._new_state()
        for _ in range(high - low):
            self._states[state].epsilon.append(end)
            state = self._sequence(parts, state)
        self._states[state].epsilon.append(end)
        return end

    def _anchor(self, where: Any, state: int) -> int:
        end = self._new_state()
        if where in (constants.AT_BEGINNING, constants.AT_BEGINNING_STRING):
            self._states[state].at_start.append(end)
        elif where in (constants.AT_END, constants.AT_END_STRING):
            self._states[state].at_end.append(end)
        else:  # a word boundary
            self._is_approximate = True
            self._states[state].epsilon.append(end)
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
                    low <= ord(variant) <= high for variant in (char.lower()[:1], char.upper()[:1]) if variant
                )
            return lambda char: low <= ord(char) <= high
        return CATEGORIES[argument]


def _base_wildcard(unit: str | Wildcard) -> str | Wildcard:
    """The base of a composite wildcard; any other unit unchanged."""
    if isinstance(unit, Wildcard) and unit.kind in COMPOSITE_WILDCARDS:
        return COMPOSITE_WILDCARDS[unit.kind][0]
    return unit


def _units(line: Template) -> list[str | Wildcard]:
    """The characters and wildcards of a line."""
    units: list[str | Wildcard] = []
    for piece in line:
        units += piece if isinstance(piece, str) else (piece,)
    return units


CATEGORIES: dict[Any, Test] = {
    constants.CATEGORY_DIGIT: str.isdigit,
    constants.CATEGORY_NOT_DIGIT: lambda char: not char.isdigit(),
    constants.CATEGORY_SPACE: str.isspace,
    constants.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    constants.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    constants.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}
