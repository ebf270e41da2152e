"""Write hpolint/data/training_arguments.json: the fields of Transformers' ``TrainingArguments``, in all versions.

Usage: ``python scripts/generate_training_arguments.py FOLDER``, with a folder of wheels of transformers: one of each
minor version, from ``pip download --no-deps transformers==VERSION``. A field of any of the versions is a field.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import zipfile
from collections import defaultdict
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "hpolint/data/training_arguments.json"
MODULES = {
    "TrainingArguments": "transformers/training_args.py",
    "Seq2SeqTrainingArguments": "transformers/training_args_seq2seq.py",
}
KINDS = ("bool", "int", "float")


def fields(text: str, name: str) -> dict[str, tuple[str, bool]]:
    """The fields of a dataclass in a module: their kinds, and whether they are true by default."""
    tree = ast.parse(text)
    cls = next(each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == name)
    found = {}
    for each in cls.body:
        if not isinstance(each, ast.AnnAssign) or not isinstance(each.target, ast.Name):
            continue
        arguments = {key.arg: key.value for key in each.value.keywords} if isinstance(each.value, ast.Call) else {}
        if "init" in arguments or (isinstance(each.annotation, ast.Subscript) and "ClassVar" in ast.unparse(each)):
            continue
        kind = re.sub(r"^Optional\[(\w+)\]$|^(\w+) \| None$", r"\1\2", ast.unparse(each.annotation))
        default = arguments.get("default", each.value)
        is_on = isinstance(default, ast.Constant) and default.value is True
        found[each.target.id] = (kind if kind in KINDS else "other", is_on)
    return found


def main(folder: Path) -> None:
    """Write the file."""
    kinds: dict[str, dict[str, set[str]]] = {name: defaultdict(set) for name in MODULES}
    on: set[str] = set()
    versions = []
    for wheel in folder.glob("transformers-*.whl"):
        versions.append(wheel.name.split("-")[1])
        with zipfile.ZipFile(wheel) as archive:
            for name, path in MODULES.items():
                for field, (kind, is_on) in fields(archive.read(path).decode(), name).items():
                    kinds[name][field].add(kind)
                    on |= {field} if is_on else set()
    versions.sort(key=lambda version: [int(part) for part in version.split(".")])
    found = {
        "source": "https://pypi.org/project/transformers/",
        "versions": versions,
        "true_by_default": sorted(on),
        "classes": {
            name: {field: next(iter(each)) if len(each) == 1 else "other" for field, each in sorted(of.items())}
            for name, of in kinds.items()
        },
    }
    TARGET.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
