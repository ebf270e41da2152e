"""Imports from the SageMaker SDK that fail: of modules and names that no version has, or that version 2 has removed.

All of them fail where a file hides the SDK.

Only the statements that run when a source is imported are judged, outside of ``try`` and branches. A name that starts
with an underscore or is a constant is never judged, nor one of a module whose names are not recorded.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from msgspec.structs import replace

from hpolint.data import sdk_imports
from hpolint.io import disk
from hpolint.model.job import Observation, TuningJob
from hpolint.model.observations import ImportRemoved, ImportUnknown, Observed, SdkHidden
from hpolint.model.source import Source, Span
from hpolint.readers.python.installs import OTHER_SDK
from hpolint.readers.python.interpreter.units import Unit
from hpolint.readers.python.placed_launches import last_launch
from hpolint.readers.python.sdk.mocks import is_test
from hpolint.readers.python.sdk_bounds import may_stay_below

PACKAGE = "sagemaker"
OWN_MODULE = f"{PACKAGE}.py"
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SIMILAR = 0.75
"""How similar a name must be to the one that is likely meant."""

NEW_NAMES = {
    "csv_serializer": "sagemaker.serializers.CSVSerializer",
    "json_serializer": "sagemaker.serializers.JSONSerializer",
    "npy_serializer": "sagemaker.serializers.NumpySerializer",
    "csv_deserializer": "sagemaker.deserializers.CSVDeserializer",
    "json_deserializer": "sagemaker.deserializers.JSONDeserializer",
    "numpy_deserializer": "sagemaker.deserializers.NumpyDeserializer",
    "numpy_to_record_serializer": "sagemaker.serializers.RecordSerializer",
    "record_deserializer": "sagemaker.deserializers.RecordDeserializer",
    "s3_input": "sagemaker.inputs.TrainingInput",
    "RealTimePredictor": "sagemaker.predictor.Predictor",
}
"""What version 2 has in place of names of version 1.

Source: https://sagemaker.readthedocs.io/en/v2.257.0/v2.html.
"""


def observe_imports(source: Source, trees: Sequence[tuple[Unit, ast.Module]], jobs: Sequence[TuningJob]) -> None:
    """Observe the imports from the SDK that fail, for the first job of a source: each at its first place.

    A removed name that is imported after the last launch is left aside: the search has then ended.
    """
    if not jobs or PACKAGE not in source.text or is_test(source.name):
        return
    launch = last_launch(jobs)
    hidden = _hidden(source) if _is_program(source, trees, launch) else None
    failures: set[tuple[str, ...]] = set()
    for unit, tree in trees:
        for statement in tree.body:
            new: list[Observation] = []
            for observation in _observed_in(statement, source, unit, hidden):
                failure = _failure(observation.observed)
                if failure not in failures and not _is_after(observation, launch):
                    failures.add(failure)
                    new.append(observation)
            jobs[0].observations += _joined(new)


def _observed_in(statement: ast.stmt, source: Source, unit: Unit, hidden: SdkHidden | None) -> Iterator[Observation]:
    """Why each import of a statement fails; ``hidden`` is why all of them do."""
    for alias, module, name in _imported(statement):
        observed = _refused(source, module, name) if hidden is None else hidden
        if observed is not None:
            yield Observation((), unit.resolved(unit.span(alias)), observed)


def _failure(observed: Observed) -> tuple[str, ...]:
    """What fails, whatever is suggested instead: several names of one missing module are one failure."""
    if isinstance(observed, ImportUnknown):
        return observed.module, observed.name
    if isinstance(observed, ImportRemoved):
        return observed.module, *observed.names
    return ()


def _joined(observations: Sequence[Observation]) -> Iterable[Observation]:
    """The observations of one statement, with the names that are removed from one module together as one."""
    joined: dict[tuple[str, ...], Observation] = {}
    for observation in observations:
        observed = observation.observed
        key = _failure(observed)
        if isinstance(observed, ImportRemoved) and observed.names:
            key = observed.module, observed.first, observed.last
        earlier = joined.get(key)
        if earlier is not None:
            observation = Observation((), earlier.span, _with_names_of(earlier.observed, observed))
        joined[key] = observation
    return joined.values()


def _with_names_of(first: Observed, second: Observed) -> Observed:
    """The removal of the names of two removals."""
    if not isinstance(first, ImportRemoved) or not isinstance(second, ImportRemoved):
        return first
    return replace(first, names=[*first.names, *second.names], instead=[*first.instead, *second.instead])


def _is_after(observation: Observation, launch: Span | None) -> bool:
    """Whether a removed name is imported after the last launch."""
    is_removed = isinstance(observation.observed, ImportRemoved)
    return is_removed and launch is not None and observation.span > launch


def _is_program(source: Source, trees: Sequence[tuple[Unit, ast.Module]], launch: Span | None) -> bool:
    """Whether a source is meant to be run: a notebook, or a file that launches at its top or as ``__main__``.

    The folder of a module that others import is not where Python looks for the SDK.
    """
    if launch is None:
        return False
    if source.cells or "__main__" in source.text:
        return True
    for unit, tree in trees:
        for statement in tree.body:
            span = unit.resolved(unit.span(statement))
            is_around = span.line <= launch.line <= span.end_line
            if is_around and isinstance(statement, DEFINITIONS):
                return False
    return True


def _hidden(source: Source) -> SdkHidden | None:
    """The module beside a program that Python imports in place of the SDK; None if there is none, or in a package.

    The folder of a program is the first in which Python looks for modules:
    https://docs.python.org/3/library/sys.html#sys.path.
    """
    folder, name = os.path.split(source.name)
    if not disk.is_file(os.path.join(folder, OWN_MODULE)) or disk.exists(os.path.join(folder, "__init__.py")):
        return None
    return SdkHidden(OWN_MODULE, name == OWN_MODULE)


def _imported(statement: ast.stmt) -> Iterator[tuple[ast.alias, str, str]]:
    """The modules and names that a statement imports from the SDK; an empty name for a module itself."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if alias.name.startswith(f"{PACKAGE}."):
                yield alias, alias.name, ""
    elif isinstance(statement, ast.ImportFrom) and not statement.level:
        module = statement.module or ""
        if module == PACKAGE or module.startswith(f"{PACKAGE}."):
            for alias in statement.names:
                yield alias, module, alias.name


def _refused(source: Source, module: str, name: str) -> Observed | None:
    """Why an import fails; None if it does not, or may not."""
    if module not in sdk_imports.modules():
        return _unknown_module(source, module, name)
    removed = _removed(source, sdk_imports.modules()[module], module, "")
    if removed is not None or not name or name == "*" or name.startswith("_") or name.isupper():
        return removed
    names = sdk_imports.names(module)
    if name in names:
        return _removed(source, names[name], module, name)
    return _unknown_name(source, module, name)


def _removed(source: Source, versions: frozenset[int], module: str, name: str) -> ImportRemoved | None:
    """The removal of what some versions have, if the newest versions of the SDK do not."""
    newest = sdk_imports.newest(2)
    if max(versions) >= newest:
        return None
    first = max(versions) + 1
    version = sdk_imports.versions()[first]
    if may_stay_below(source, version, sdk_imports.oldest_python(first)):
        return None
    last = sdk_imports.versions()[max(versions)]
    names = [name] if name else []
    instead = [NEW_NAMES[name]] if name in NEW_NAMES else []
    return ImportRemoved(module, names, last, version, instead)


def _unknown_module(source: Source, module: str, name: str) -> ImportUnknown | None:
    """A module that no version has, if another one has the name that is imported, or a similar name itself."""
    known = sdk_imports.modules()
    parts = module.split(".")
    for end in range(2, min(len(parts), sdk_imports.MAX_PARTS) + 1):
        path = ".".join(parts[:end])
        if path not in known:
            parent = ".".join(parts[: end - 1])
            near = _near_module(parent, parts[end - 1], name, is_open=_may_grow(source, parent))
            return ImportUnknown(path, "", near) if near is not None else None
    return None


def _near_module(parent: str, child: str, name: str, *, is_open: bool) -> str | None:
    """The module that is likely meant by a missing one, from which a name is imported.

    A similar module is meant if it has the name, or if no other one has it.
    """
    known = sdk_imports.modules()
    siblings = {other.rpartition(".")[2]: known[other] for other in known if other.rpartition(".")[0] == parent}
    sibling = _near(child, siblings, is_open=is_open)
    similar = f"{parent}.{sibling}" if sibling is not None else None
    owners = [owner for owner in sdk_imports.modules_with().get(name, []) if _is_in_version_2(owner, name)]
    if is_open or not owners or similar in owners:
        return similar
    return min(owners, key=_order)


def _is_in_version_2(module: str, name: str) -> bool:
    """Whether a version up to the newest version 2 has a name in a module."""
    return min(sdk_imports.names(module)[name]) <= sdk_imports.newest(2)


def _unknown_name(source: Source, module: str, name: str) -> ImportUnknown | None:
    """A name that a module has in no version and that is similar to another one, or is that of another module."""
    elsewhere = sdk_imports.modules_with().get(name, [])
    is_open = _may_grow(source, module)
    if module in sdk_imports.packages():
        if elsewhere and not is_open:
            return ImportUnknown(module, name, f"{min(elsewhere, key=_order)}.{name}")
    elif elsewhere or name in sdk_imports.imported_names():
        return None  # the module may import it, too
    near = _near(name, sdk_imports.names(module), is_open=is_open)
    return ImportUnknown(module, name, f"{module}.{near}") if near is not None else None


def _may_grow(source: Source, module: str) -> bool:
    """Whether a later version may add names to a module of the source: version 3 may, version 2 does not change."""
    if module != PACKAGE:
        return max(sdk_imports.modules()[module]) > sdk_imports.newest(2)
    return OTHER_SDK.search(source.text) is not None


def _order(module: str) -> tuple[bool, int, str]:
    """Modules of version 2 come first, and those at the top of the package."""
    return sdk_imports.newest(2) not in sdk_imports.modules()[module], module.count("."), module


def _near(name: str, known: Mapping[str, frozenset[int]], *, is_open: bool) -> str | None:
    """The known name that is likely meant: one with the same letters or, where no names are added, a similar one.

    ``known`` has the versions of each. A name of version 3 alone is not meant by a program of version 2.
    """
    for other in sorted(known):
        if _letters(other) == _letters(name):
            return other
    if is_open:
        return None
    candidates = [other for other, versions in known.items() if min(versions) <= sdk_imports.newest(2)]
    return next(iter(get_close_matches(name, sorted(candidates), n=1, cutoff=SIMILAR)), None)


def _letters(name: str) -> list[str]:
    return sorted(name.lower().replace("_", ""))
