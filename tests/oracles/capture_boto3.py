"""Runs programs that use boto3 alone: the runner of ``capture_sdk2.py`` without any SDK."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.oracles.capture_sdk2 import Sdk, main

BOTO3 = Sdk(modules=("boto3",), patches=list)

if __name__ == "__main__":
    main(BOTO3)
