"""What the classes and methods of the SageMaker SDK take, in the oldest and the newest version that hpolint knows.

``scripts/generate_signatures.py`` asks the SDKs, and writes ``sdk2.json`` and ``sdk3.json``. A class has its own name,
a method is ``HyperparameterTuner.create``, and a class of sagemaker-core's shapes is ``shapes.StoppingCondition``.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias, TypedDict

from hpolint.data import generated

OLD_NAMES = {
    "instance_count": "train_instance_count",
    "instance_type": "train_instance_type",
    "max_run": "train_max_run",
    "use_spot_instances": "train_use_spot_instances",
    "max_wait": "train_max_wait",
    "volume_size": "train_volume_size",
    "volume_kms_key": "train_volume_kms_key",
}
"""Names of version 1, which version 2 still accepts, and which take precedence over the new ones."""

_NEW_NAMES = {old: new for new, old in OLD_NAMES.items()}


class Signature(TypedDict, total=False):
    """The arguments of a call in their order, those without a default, and who gets the others.

    With ``passes_on_to`` the call takes any argument: it gives those that it does not name to the constructor of that
    name, or ignores them if that is None.
    """

    takes: list[str]
    requires: list[str]
    passes_on_to: str | None


Signatures: TypeAlias = "dict[str, Signature | None]"
"""The signatures of one version by name; None for a call that this version does not have."""


def newest(generation: int) -> Signatures:
    """The signatures of the newest version 2 or 3."""
    signatures: Signatures = generated(f"sdk{generation}")["signatures"]
    return signatures


@cache
def _versions(generation: int) -> tuple[Signatures, ...]:
    """The signatures of the versions that run a source of this generation.

    A source of version 1 is one that uses names of version 1: version 2 runs it, too.
    """
    if generation == 3:
        older = generated("sdk3")["older"].values()
    else:
        recorded = generated("sdk2")["older"]
        older = [recorded[version] for version in recorded if int(version.partition(".")[0]) >= generation]
    complete = newest(max(generation, 2))
    return (complete, *({**complete, **differing} for differing in older))


def takes(call: str, argument: str, generation: int) -> bool | None:
    """Whether a call takes an argument in all versions of a generation, and uses it; None for an unknown call."""
    versions = _versions(generation)
    if call not in versions[0]:
        return None
    return all(_takes(signatures, call, argument) for signatures in versions)


def _takes(signatures: Signatures, call: str, argument: str) -> bool:
    """The same for one version. A call that the version does not have takes nothing."""
    next_call: str | None = call
    while next_call is not None:
        signature = signatures.get(next_call)
        if signature is None:
            return False
        if argument in signature["takes"] or _NEW_NAMES.get(argument) in signature["takes"]:
            return True
        next_call = signature.get("passes_on_to")
    return False
