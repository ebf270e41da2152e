"""The training code that a training job definition names."""

from __future__ import annotations

import json

import msgspec

from hpolint.model.node import Array, Path, Scalar, Struct, Unknown, follow


class Code(msgspec.Struct, frozen=True):
    """The path of a training script, as its definition names it.

    ``script`` is relative to ``folder`` if that is set, else to the definition's own folder. ``folder`` and
    ``further``, the folders and files that are uploaded with it, are relative to the definition's folder.
    ``by_toolkit``: the class that launches it belongs to a framework, whose images start the script through SageMaker's
    training toolkit. ``unknown`` is the reason if the script is not available here. ``is_distributed``: a distribution
    is configured, or may be. ``has_unknown_uploads``: ``further`` may lack some. ``argument`` is the SDK's argument for
    the script; empty for a request, whose script no SDK looks for. ``model_dir`` is what TensorFlow's estimator sends
    under that name: ``default``, an address in S3; ``address``, such an address that is set; ``nothing``; or None.
    ``is_from_here``: the path begins at the definition's folder, wherever the program starts.
    """

    script: str = ""
    folder: str | None = None
    further: tuple[str, ...] = ()
    by_toolkit: bool = False
    unknown: Unknown | None = None
    is_distributed: bool = True
    has_unknown_uploads: bool = True
    argument: str = ""
    model_dir: str | None = None
    is_from_here: bool = False


PROGRAM, DIRECTORY = "sagemaker_program", "sagemaker_submit_directory"
"""The static hyperparameters, or in capitals the environment variables, that tell a container its script.

Source: aws/sagemaker-training-toolkit at 33839372, ``params.py``.
"""


def codes_of_request(request: Struct) -> dict[Path, Code]:
    """The scripts that a request's definitions name, by the definition's path. Nearly all of them are in S3."""
    several = request.get("TrainingJobDefinitions")
    paths: list[Path] = [("TrainingJobDefinition",)]
    paths += [("TrainingJobDefinitions", at) for at in range(len(several.items) if isinstance(several, Array) else 0)]
    found = {path: _named(request, path) for path in paths}
    return {path: code for path, code in found.items() if code is not None}


def _named(request: Struct, definition: Path) -> Code | None:
    program, directory = (
        _text(request, (*definition, "StaticHyperParameters", name))
        or _text(request, (*definition, "Environment", name.upper()))
        for name in (PROGRAM, DIRECTORY)
    )
    if program is None:
        return None
    if directory is None or ("://" in directory and not directory.startswith("file://")):
        static = follow(request, definition)
        place = static.anchor if isinstance(static, Struct) else request.anchor
        return Code(unknown=Unknown("is stored where only the service can read it", place))
    return Code(program, directory.removeprefix("file://"))


def _text(request: Struct, path: Path) -> str | None:
    """The string at a path, decoded if it is a JSON string, as the SDK writes it; None for another value."""
    node = follow(request, path)
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return None
    return decoded_text(node.value)


def decoded_text(text: str) -> str:
    """The string that a text is as JSON, as the SDK writes it; the text itself if it is no string of JSON."""
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return decoded if isinstance(decoded, str) else text
