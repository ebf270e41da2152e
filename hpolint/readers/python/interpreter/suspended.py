"""Suspended code: generators, and coroutines that are not awaited where they are called.

The body of such code is interpreted where it is called, although it runs later, in parts or never. What it changes
outside of its own names is therefore not known from the call on: its value is the one before, after or at any point
where the code pauses. Whenever other code may continue it, these places become unknown again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from hpolint.io import work
from hpolint.model.node import Unknown
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import flow
from hpolint.readers.python.interpreter.operators import aliases, forget
from hpolint.readers.python.interpreter.other_code import OtherCode
from hpolint.readers.python.interpreter.state import CONTENTS, COPY_CONTENTS, MutableObject, Snapshot, named_parts
from hpolint.readers.python.interpreter.values import (
    Either,
    Mapping,
    Maybe,
    Scope,
    Sequence,
    Value,
    present,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

PlaceKey = tuple[int, Any]
"""The id of an object and the name or key of its part. A list is one place, whose name is None."""


class Place(msgspec.Struct, eq=False):
    """A part of an object that suspended code changes, with the values that the part has while the code pauses.

    ``left`` is what was left there: a value that already stands for everything that the code may have done.
    """

    object_: MutableObject
    name: Any
    why: Unknown
    values: list[Any] = msgspec.field(default_factory=list)
    left: Any = None

    @property
    def key(self) -> PlaceKey:
        """What identifies the place."""
        return id(self.object_), self.name

    def current(self) -> Any:
        """The value at the place, None if there is none; of a list, a copy of its contents."""
        if isinstance(self.object_, Sequence):
            return COPY_CONTENTS[Sequence](self.object_)
        return named_parts(self.object_).get(self.name)

    def resume(self) -> None:
        """Make the value at the place unknown, unless it is the one that was left there."""
        current = self.current()
        if current is None and isinstance(self.object_, Scope):
            return  # a name that is not bound is unknown where it is read
        is_left = current == self.left if isinstance(self.object_, Sequence) else current is self.left
        if current is None or not is_left:
            self.forget()
            self.left = self.current()

    def forget(self) -> None:
        """Make the value at the place unknown: it may be any of those that it has while the code pauses."""
        if isinstance(self.object_, Sequence):
            forget(self.object_, self.why)
            return
        either = aliases(present([self.current(), *self.values]), self.why)
        if isinstance(self.object_, Mapping):
            candidates = either.candidates if isinstance(either, Either) else []
            either = Maybe(either.reason, either.span, candidates=candidates)
        named_parts(self.object_)[self.name] = either


class Recording:
    """The places that the code of one call changes, among the objects that exist before the call."""

    def __init__(self, before: Snapshot, own: tuple[Scope, ...], why: Unknown, others: OtherCode) -> None:
        self.before = before
        self.others = others
        self._own = own
        self._why = why
        self._hidden = unknown("may be changed by other code until it is read", why.span)
        self.places: dict[PlaceKey, Place] = {}

    def note(self) -> None:
        """Note the places whose current values differ from those before the call."""
        for object_, copied in self.before.contents.values():
            if object_ in self._own or CONTENTS[type(object_)](object_) == copied:
                continue
            if isinstance(object_, Sequence):
                self._add(object_, None, COPY_CONTENTS[Sequence](object_))
                continue
            current = named_parts(object_)
            for name in {**copied[0], **current}:
                if current.get(name) != copied[0].get(name):
                    self._add(object_, name, current.get(name))

    def _add(self, object_: MutableObject, name: Any, value: Any) -> None:
        if self.others.is_hidden(object_, name, value):
            return
        place = Place(object_, name, self._why)
        place = self.places.setdefault(place.key, place)
        if value not in place.values:
            place.values.append(value)

    def hide(self, interpreter: Interpreter) -> None:
        """Make unknown what other code may have changed while the code was suspended."""
        if self.others.changes or self.others.parts:
            self.others.hide(interpreter.snapshot(*self._own), self._hidden)

    def missed(self, after: Snapshot) -> Iterator[Place]:
        """The places with values that the join of the states before and after the call does not have."""
        for key, place in self.places.items():
            ends = [self._value(self.before, key), self._value(after, key)]
            if any(value not in ends for value in place.values):
                yield place

    @staticmethod
    def _value(snapshot: Snapshot, key: PlaceKey) -> Any:
        identity, name = key
        object_, copied = snapshot.contents.get(identity, (None, ({},)))
        return copied if isinstance(object_, Sequence) else copied[0].get(name)


class SuspendedCode:
    """The code that may be suspended at the current statement, and the places that it may change."""

    def __init__(self) -> None:
        self._recordings: list[Recording] = []
        self._places: dict[PlaceKey, Place] = {}
        self._task_places: set[PlaceKey] = set()
        self._generators: dict[int, tuple[Value, set[PlaceKey]]] = {}

    def interpret(
        self,
        interpreter: Interpreter,
        run: Callable[[], Value],
        span: Span,
        *scopes: Scope,
        name: str,
        others: OtherCode,
        starts_late: bool = False,
    ) -> tuple[Value, list[Place]]:
        """Interpret code that runs later, by a function's name. Returns its result and the places that it changes.

        ``scopes`` are those of its own names. ``others`` is the code that runs while it is suspended, with
        ``starts_late`` also before it starts.
        """
        why = unknown(f"may be changed by `{name}()`, which runs later", span)
        recording = Recording(interpreter.snapshot(*scopes), scopes, why, others)
        self._recordings.append(recording)
        try:
            if starts_late:
                recording.hide(interpreter)
            returned = run()
        finally:
            self._recordings.pop()
        recording.others.show()
        after = interpreter.snapshot(*scopes)
        missed = list(recording.missed(after))
        recording.note()
        flow.join(interpreter, [recording.before, after], span)
        for place in missed:
            place.forget()
        return returned, list(recording.places.values())

    def hold(self, places: list[Place], result: Value | None = None) -> None:
        """Note that some places may change from now on; ``result`` is the generator whose code changes them."""
        for place in places:
            held = self._places.setdefault(place.key, place)
            held.values += [value for value in place.values if value not in held.values]
            held.left = held.current()
        keys = {place.key for place in places}
        if result is None:
            self._task_places |= keys
        elif keys:
            self._generators[id(result)] = result, keys

    def finish(self, generator: Value) -> None:
        """Note that a generator is finished, as it is after a loop over a call that makes it."""
        self.resume()
        _, keys = self._generators.pop(id(generator), (generator, set()))
        for _, others in [(None, self._task_places), *self._generators.values()]:
            keys = keys - others
        for key in keys:
            del self._places[key]

    def pause(self, interpreter: Interpreter) -> None:
        """Note that the current code pauses: its caller sees the current state, and other code may continue."""
        if self._recordings:
            recording = self._recordings[-1]
            interpreter.count_snapshot(recording.before)
            recording.note()
            recording.hide(interpreter)
        self.resume()

    def resume(self) -> None:
        """Make unknown what suspended code may change, where it may be continued."""
        if not self._places:
            return
        work.spend(len(self._places))
        for place in self._places.values():
            place.resume()

    @contextmanager
    def kept_out(self) -> Iterator[None]:
        """A context for code that is interpreted but not run: nothing of it is suspended."""
        recordings, self._recordings = self._recordings, []
        places, task_places, generators = dict(self._places), set(self._task_places), dict(self._generators)
        try:
            yield
        finally:
            self._recordings, self._places = recordings, places
            self._task_places, self._generators = task_places, generators
