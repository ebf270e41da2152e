"""Write hpolint/data/instances.json: what training instance types have, as botocore names them and EC2 describes them.

Usage: ``python scripts/generate_instances.py [--check]``, with the extra ``test``. EC2's own description of its types
(DescribeInstanceTypes) is the one that moto ships; types that EC2 no longer describes stand in ``instances.yaml``.
``--check`` writes nothing and exits 1 if the committed file differs in anything but its date.
"""

from __future__ import annotations

import datetime
import gzip
import json
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "hpolint/data/instances.json"
MODEL = "data/sagemaker/2017-07-24/service-2.json.gz"
DESCRIBED = "ec2/resources/instance_types.json.gz"


def made() -> dict[str, Any]:
    """vCPUs and accelerators (GPUs, Trainium's chips) of each type that EC2 describes, by family and size.

    And the families of which all types have local storage (instance store volumes), those of which none has, and the
    size of all of these volumes of a type in GB.
    """
    described = _read("moto", DESCRIBED)
    families: dict[str, dict[str, list[int]]] = {}
    local: dict[str, set[bool]] = {}
    sizes: dict[str, int] = {}
    for name in _read("botocore", MODEL)["shapes"]["TrainingInstanceType"]["enum"]:
        family, size = name.removeprefix("ml.").split(".")
        found = described.get(f"{family}.{size}")
        if found is not None:
            families.setdefault(family, {})[size] = [found["VCpuInfo"]["DefaultVCpus"], _accelerators(found)]
            local.setdefault(family, set()).add(found["InstanceStorageSupported"])
            if found["InstanceStorageSupported"]:
                sizes[f"{family}.{size}"] = found["InstanceStorageInfo"]["TotalSizeInGB"]
    return {
        "as_of": datetime.date.today().isoformat(),
        "sources": [f"botocore {version('botocore')}", f"EC2 DescribeInstanceTypes, as in moto {version('moto')}"],
        "families": families,
        "local_storage": sorted(family for family, has in local.items() if has == {True}),
        "no_local_storage": sorted(family for family, has in local.items() if has == {False}),
        "local_gb": dict(sorted(sizes.items())),
    }


def _accelerators(described: dict[str, Any]) -> int:
    gpus = described.get("GpuInfo", {}).get("Gpus", [])
    chips = described.get("NeuronInfo", {}).get("NeuronDevices", [])
    return sum(each["Count"] for each in [*gpus, *chips])


def _read(package: str, path: str) -> Any:
    return json.loads(gzip.decompress((files(package) / path).read_bytes()))


def _text(content: dict[str, Any]) -> str:
    """One line a family."""
    families = content["families"]
    lines = [f"  {json.dumps(name)}: {json.dumps(families[name])}" for name in sorted(families)]
    keys = [key for key in content if key != "families"]
    head = "".join(f" {json.dumps(key)}: {json.dumps(content[key])},\n" for key in keys)
    return "{\n" + head + ' "families": {\n' + ",\n".join(lines) + "\n }\n}\n"


def main(arguments: list[str]) -> int:
    """Write the file, or tell whether it is what it would be."""
    content = made()
    if "--check" in arguments:
        before = json.loads(TARGET.read_text("utf-8"))
        return 0 if all(before[key] == content[key] for key in content if key not in ("as_of", "sources")) else 1
    TARGET.write_text(_text(content), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
