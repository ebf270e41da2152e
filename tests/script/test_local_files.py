"""An address in S3 that a script opens as a local path: known where the script certainly fails for it."""

from __future__ import annotations

import pytest

from tests.script.test_arguments import read

IMPORTS = """\
import io, os, sys, tarfile, joblib, h5py, pandas as pd, torch
import numpy as np
from PIL import Image
from keras.preprocessing.image import ImageDataGenerator
from torchvision import datasets
bucket = sys.argv[1]
"""


def fails(text: str) -> bool:
    """Whether a script is known to open an address in S3."""
    return read(IMPORTS + text).errors.address is not None


@pytest.mark.parametrize(
    "call",
    [
        "open('s3://b/x')",
        "open(file='s3://b/x')",
        "open(f's3://{bucket}/x')",
        "open('s3://{}/x'.format(bucket), 'w')",
        "open('s3://' + bucket)",
        "os.listdir('s3://b/x')",
        "np.load('s3://b/x.npy')",
        "joblib.load('s3://b/x')",
        "joblib.dump(model, 's3://b/x')",
        "torch.load('s3://b/x')",
        "torch.save(model, 's3://b/x')",
        "torch.save(obj=model, f='s3://b/x')",
        "h5py.File('s3://b/x.h5', 'r')",
        "Image.open('s3://b/x')",
        "tarfile.open('s3://b/x')",
        "datasets.ImageFolder('s3://b/x')",
        "ImageDataGenerator().flow_from_directory('s3://b/x')",
        "generator = ImageDataGenerator(rescale=2)\ngenerator.flow_from_directory(directory='s3://b/x')",
        "def load(path):\n    return np.load(path)\nload('s3://b/x')",
        "with open('s3://b/x') as file:\n    pass",
    ],
)
def test_functions_that_know_only_the_local_disk(call: str) -> None:
    """By the place or the name of the path, and if only the beginning of the address is known."""
    assert fails(f"{call}\n")


@pytest.mark.parametrize(
    "text",
    [
        "open('/opt/ml/input/data/train/x')",
        "open(bucket)",
        "open(3)",
        "pd.read_csv('s3://b/x')",
        "h5py.File('s3://b/x.h5', 'r', driver='ros3')",
        "torch.save(model, buffer)\nprint('s3://b/x')",
        "try:\n    open('s3://b/x')\nexcept OSError:\n    pass",
        "def load():\n    open('s3://b/x')\ntry:\n    load()\nexcept OSError:\n    pass",
        "if bucket:\n    open('s3://b/x')",
        "def load():\n    open('s3://b/x')",
        "from smart_open import open\nopen('s3://b/x')",
        "def open(path):\n    return path\nopen('s3://b/x')",
        "os.makedirs('s3://b')\nopen('s3://b/x', 'w')",
        "import builtins, smart_open\nbuiltins.open = smart_open.open\nopen('s3://b/x')",
        "open(**options)",
        "from mine import ImageDataGenerator as own\nown().flow_from_directory('s3://b/x')",
        "ImageDataGenerator('s3://b/x')",
    ],
)
def test_what_may_work(text: str) -> None:
    """Other paths, functions that read from S3, and calls that may not be reached, or whose error is caught."""
    assert not fails(f"{text}\n")
