"""Calls that open a file or folder of the local disk, and get an address in S3."""

from __future__ import annotations

import ast

from hpolint.readers.python.interpreter.operators import pieces_of
from hpolint.readers.python.interpreter.values import Arguments, Constant, Value
from hpolint.readers.python.training_script.script_trees import ScriptTrees

ADDRESS = "s3://"

OPENED = {
    **dict.fromkeys(("builtins.open", "io.open"), (0, "file")),
    **dict.fromkeys(("os.listdir", "os.scandir", "os.chdir"), (0, "path")),
    **dict.fromkeys(("numpy.load", "numpy.save"), (0, "file")),
    **dict.fromkeys(("numpy.loadtxt", "numpy.genfromtxt"), (0, "fname")),
    "joblib.load": (0, "filename"),
    "joblib.dump": (1, "filename"),
    "torch.load": (0, "f"),
    "torch.save": (1, "f"),
    "PIL.Image.open": (0, "fp"),
    "tarfile.open": (0, "name"),
    "zipfile.ZipFile": (0, "file"),
    **dict.fromkeys(("torchvision.datasets.ImageFolder", "torchvision.datasets.DatasetFolder"), (0, "root")),
}
"""Functions that fail for an address in S3, with the place and the name of their argument for the path.

Source: numpy 2.4.6, joblib 1.6.0, Pillow 13.0.0, torch 2.13.0 and the standard library were called with an address.
Each raised FileNotFoundError, but ``torch.save`` a RuntimeError. torchvision 0.28.0, ``datasets/folder.py``, calls
``os.scandir``.
"""

HDF5 = "h5py.File"
HDF5_DRIVER = "driver"
"""The argument of ``h5py.File`` by which it may read from S3; without it, h5py 3.16.0 raised FileNotFoundError."""

GENERATOR = ".ImageDataGenerator"
GENERATOR_PACKAGES = ("keras.", "keras_preprocessing.", "tensorflow.")
GENERATOR_METHOD = ".flow_from_directory"
"""Keras's class, and its method that calls ``os.listdir``.

Source: keras-preprocessing 1.1.2, ``directory_iterator.py``; keras 3.5.0, ``legacy/preprocessing/image.py``.
"""

FOLDER_MAKERS = ("makedirs", "mkdir", "symlink")
"""Functions that may make a local folder of the address's name, in which files then can be written."""


def is_generator(name: str) -> bool:
    """Whether a name is that of Keras's generator of images."""
    return name.startswith(GENERATOR_PACKAGES) and name.endswith(GENERATOR)


def opened_address(name: str, arguments: Arguments) -> str | None:
    """The address in S3 that a call of a function opens as a local path, without unknown parts; None for any other."""
    place = OPENED.get(name)
    if name == HDF5 and HDF5_DRIVER not in arguments.keywords and arguments.at(2) is None:
        place = (0, "name")
    if is_generator(name.removesuffix(GENERATOR_METHOD)):
        place = (0, "directory")
    if place is None or arguments.open is not None:
        return None
    return _address(arguments.at(place[0]) or arguments.keywords.get(place[1]))


def _address(value: Value | None) -> str | None:
    if value is None or (isinstance(value, Constant) and not isinstance(value.value, str)):
        return None
    first = pieces_of(value)[0]
    return first if first is not None and first.startswith(ADDRESS) else None


def may_have_address(trees: ScriptTrees) -> bool:
    """Whether a script may make a local folder of any name, or replace ``open``."""
    is_replaced = any(
        attribute.attr == "open" and isinstance(attribute.ctx, ast.Store) for attribute in trees.attributes
    )
    return is_replaced or bool(trees.calls_of(*FOLDER_MAKERS))
