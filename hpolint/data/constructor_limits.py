"""The libraries whose constructors and functions were asked which numbers they refuse, by version."""

from __future__ import annotations

from typing import Any

import msgspec

from hpolint.data import generated


class Library(msgspec.Struct, frozen=True):
    """A library. ``data`` is the name of the file with its limits, without suffix."""

    title: str
    data: str
    distributions: tuple[str, ...]
    """The names under which it is installed, and those of packages that need one version of it."""
    repositories: tuple[str, ...]
    """The repositories of Amazon's images with it, whose tags begin with its version."""

    @property
    def limits(self) -> dict[str, Any]:
        """The numbers that each of its constructors refuses."""
        return generated(self.data)

    @property
    def versions(self) -> dict[str, str]:
        """Its versions by the beginnings of the tags of Amazon's images."""
        versions: dict[str, str] = self.limits["versions"]
        return versions

    def parameters(self, constructor: str) -> dict[str, list[int | None]]:
        """The parameters of a constructor with the numbers of their lists of refused values, one for each version."""
        classes: dict[str, dict[str, list[int | None]]] = self.limits["classes"]
        return classes.get(constructor.rpartition(".")[2], {})

    def positional(self, constructor: str) -> list[str]:
        """The first positional parameters of a constructor, as far as they are the same in all versions."""
        names: list[str] = self.limits.get("positional", {}).get(constructor.rpartition(".")[2], [])
        return names


LIBRARIES = {
    "sklearn": Library("scikit-learn", "scikit_learn_limits", ("scikit-learn", "sklearn"), ("sagemaker-scikit-learn",)),
    "torch": Library(
        "PyTorch",
        "torch_limits",
        ("torch", "torchvision", "torchaudio", "torchtext"),
        ("pytorch-training", "sagemaker-pytorch", "huggingface-pytorch-training"),
    ),
    "xgboost": Library("XGBoost", "xgboost_limits", ("xgboost", "xgboost-cpu"), ("sagemaker-xgboost",)),
}
"""The libraries by the names of their packages."""


def library_of(constructor: str) -> Library:
    """The library of a constructor or function, by its full name."""
    return LIBRARIES[constructor.partition(".")[0]]
