"""The objects in S3 to which all trials of a definition write, by the script and the hyperparameters that it gets."""

from __future__ import annotations

from hpolint.facts import command_line
from hpolint.facts.hyperparameters import sent_names
from hpolint.facts.space import RangeSet
from hpolint.facts.typed_values import lifted
from hpolint.model.node import Path, Scalar, Struct, Unknown, follow
from hpolint.model.training_script import AddressPart, Script, SharedObject

ALL = "*"


def objects_of_trials(
    request: Struct, definition: Path, script: Script, sets: list[RangeSet]
) -> list[SharedObject] | Unknown:
    """The objects that each trial writes under the same address, with a content that the tuned values decide.

    Empty if the job has a single trial.
    """
    if not script.folders.objects or _has_one_trial(request):
        return []
    names = sent_names(request, definition, sets)
    if isinstance(names.tuned, Unknown):
        return names.tuned
    tuned = [_compared(name) for name in names.tuned]
    shared = [written for written in script.folders.objects if _is_shared(written, tuned)]
    needs_any = any(written.needed for written in shared)
    if not needs_any:
        return shared
    return _with_options(shared, names.static)


@lifted
def _with_options(shared: list[SharedObject], static: list[str]) -> list[SharedObject]:
    """The objects of which the static hyperparameters give all options that have no default."""
    sent = {_compared(name) for name in static}
    return [written for written in shared if sent.issuperset(map(_compared, written.needed))]


def _is_shared(written: SharedObject, tuned: list[str]) -> bool:
    """Whether the tuned hyperparameters decide the content of an object, and not its address."""
    return _is_decided_by(written, tuned) and not _has_tuned_address(written, tuned)


def address_of(shared: SharedObject, request: Struct, definition: Path) -> str:
    """The address of an object. A part whose value is not known stands in braces as the script writes it."""
    static = follow(request, (*definition, "StaticHyperParameters"))
    values: dict[str, str] = {}
    for name, value in static.members.items() if isinstance(static, Struct) else ():
        if isinstance(value, Scalar):
            values[_compared(name)] = command_line.value_text(str(value.value))
    return "".join(part if isinstance(part, str) else _part_text(part, values, static) for part in shared.address)


def _part_text(part: AddressPart, values: dict[str, str], static: object) -> str:
    written = f"{{{part.text}}}"
    if not part.is_option or not part.options or not isinstance(static, Struct):
        return written
    name = _compared(part.options[0])
    if name in values:
        return values[name]
    is_sent = name in {_compared(member) for member in static.members}
    return written if is_sent or part.default is None else part.default


def _has_one_trial(request: Struct) -> bool:
    trials = follow(request, ("HyperParameterTuningJobConfig", "ResourceLimits", "MaxNumberOfTrainingJobs"))
    return isinstance(trials, Scalar) and trials.value in (1, "1")


def _is_decided_by(shared: SharedObject, tuned: list[str]) -> bool:
    """Whether the content is made with a tuned hyperparameter."""
    return bool(tuned) and (ALL in shared.origins or any(_compared(name) in tuned for name in shared.origins))


def _has_tuned_address(shared: SharedObject, tuned: list[str]) -> bool:
    """Whether a tuned hyperparameter may be an option in the address, also as the beginning of its name."""
    for part in shared.address:
        for option in (part.options or ()) if isinstance(part, AddressPart) else ():
            if any(_compared(option).startswith(name) for name in tuned):
                return True
    return False


def _compared(name: str) -> str:
    """The name of a hyperparameter, as options, keys and variables are named after it."""
    return name.replace("-", "_").lower()
