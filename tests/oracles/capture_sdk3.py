"""Runs programs against the SageMaker Python SDK v3 without a network, and tells what they would have sent.

The same oracle as ``capture_sdk2.py``, and the same interface, for an environment that has SDK v3 (``sagemaker.train``,
``sagemaker.core``).
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any
from unittest import mock

# Run as a script: the repository is not installed in the environment that has the SDK.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.oracles.capture_sdk2 import Sdk, main, nothing


def sdk3_patches() -> list[contextlib.AbstractContextManager[Any]]:
    """Source code is taken to be where the program says."""
    return [mock.patch("sagemaker.train.model_trainer.ModelTrainer._validate_source_code", nothing)]


SDK3 = Sdk(
    modules=("sagemaker.train.model_trainer", "sagemaker.train.tuner", "sagemaker.core.resources"),
    patches=sdk3_patches,
    caches=[("sagemaker.core.utils.utils", "_ClientCacheMeta._instances")],
)

if __name__ == "__main__":
    main(SDK3)
