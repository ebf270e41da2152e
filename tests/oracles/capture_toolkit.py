"""Run by the environment of sagemaker-training: the command lines that the toolkit builds of some hyperparameters."""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from pathlib import Path

from sagemaker_training import environment, mapping, params

logging.disable(logging.CRITICAL)
lines = []
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "hyperparameters.json"
    environment.hyperparameters_file_dir = str(file)
    for sent in json.load(sys.stdin):
        file.write_text(json.dumps(sent))
        split = mapping.split_by_criteria(
            environment.read_hyperparameters(), keys=params.SAGEMAKER_HYPERPARAMETERS, prefix=params.SAGEMAKER_PREFIX
        )
        lines.append(mapping.to_cmd_args(split.excluded))
json.dump(lines, sys.stdout)
