"""Draw which folders of ``hpolint/`` import which, for docs/architecture.md.

``picture()`` is the text of docs/imports.svg. The picture has an arrow from each folder to the folders that it imports,
without the arrows that follow from two others: where A imports B and B imports C, an arrow from A to C is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "hpolint"
PICTURE = ROOT / "docs" / "imports.svg"

WIDTH_PX, BOX_PX, BOX_HEIGHT_PX, LAYER_PX, LANE_PX, GAP_PX = 640, 128, 32, 62, 28, 20
SWEEPS = 12
"""How often the folders of each layer are sorted by the folders that they are connected to."""

Edge = tuple[str, str]


def picture() -> str:
    """The picture as SVG."""
    edges = _reduced(imports())
    layers, paths = _layers(edges)
    places = _places(layers)
    height = len(layers) * LAYER_PX
    size = f'viewBox="0 0 {WIDTH_PX} {height}" width="{WIDTH_PX}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="monospace" font-size="14" role="img">',
        "<title>Imports between the folders of hpolint</title>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
        '<path d="M0 0L8 4L0 8z" fill="#6b7280"/></marker></defs>',
        f'<rect width="{WIDTH_PX}" height="{height}" rx="8" fill="#ffffff"/>',
        *(_arrow([places[name] for name in path]) for path in paths),
        *(_box(name, *places[name]) for layer in layers for name in layer if not _is_lane(name)),
    ]
    return "\n".join([*lines, "</svg>"]) + "\n"


@cache
def imports() -> dict[str, frozenset[str]]:
    """For each folder the other folders that its modules import, without imports that only type checkers execute."""
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    return {
        name: frozenset(each for path in (PACKAGE / name).rglob("*.py") for each in _imported(path)) & folders - {name}
        for name in sorted(folders)
    }


def _imported(path: Path) -> Iterator[str]:
    """The names directly below ``hpolint`` that a module imports."""
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        waiting += ast.iter_child_nodes(node)
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom) and node.module == "hpolint":
            modules = [f"hpolint.{alias.name}" for alias in node.names]
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        yield from (module.split(".")[1] for module in modules if module.startswith("hpolint."))


def _reduced(direct: dict[str, frozenset[str]]) -> list[Edge]:
    """The imports that do not follow from two others."""

    @cache
    def reached(name: str) -> frozenset[str]:
        return direct[name].union(*map(reached, direct[name]))

    return [
        (name, target)
        for name in direct
        for target in sorted(direct[name])
        if not any(target in reached(other) for other in direct[name])
    ]


def _layers(edges: list[Edge]) -> tuple[list[list[str]], list[list[str]]]:
    """The layers from the top, and each edge as the names that it passes.

    A folder stands directly above the highest folder that it imports. In each layer that an edge crosses it has a lane,
    whose name ends in a number.
    """

    @cache
    def depth(name: str) -> int:
        return max((depth(target) + 1 for source, target in edges if source == name), default=0)

    names = sorted({name for edge in edges for name in edge})
    layers: list[list[str]] = [[] for _ in range(max(map(depth, names)) + 1)]
    for name in names:
        layers[depth(name)].append(name)
    paths = []
    for source, target in edges:
        crossed = range(depth(source) - 1, depth(target), -1)
        path = [source, *(f"{source} {target} {level}" for level in crossed), target]
        for level, lane in zip(crossed, path[1:-1], strict=True):
            layers[level].append(lane)
        paths.append(path)
    layers.reverse()
    _sort(layers, {pair for path in paths for pair in pairwise(path)})
    return layers, paths


def _sort(layers: list[list[str]], links: set[Edge]) -> None:
    """Put the names of each layer into an order in which few arrows cross."""
    beside: dict[str, set[str]] = {name: set() for layer in layers for name in layer}
    for upper, lower in links:
        beside[upper].add(lower)
        beside[lower].add(upper)
    for sweep in range(SWEEPS):
        order = list(pairwise(layers)) if sweep % 2 == 0 else [(b, a) for a, b in reversed(list(pairwise(layers)))]
        for fixed, layer in order:
            middle = {name: index - (len(fixed) - 1) / 2 for index, name in enumerate(fixed)}

            def weight(name: str, middle: dict[str, float] = middle) -> float:
                known = [middle[each] for each in beside[name] if each in middle]
                return sum(known) / len(known) if known else 0.0

            layer.sort(key=lambda name: (round(weight(name), 6), name))


def _places(layers: list[list[str]]) -> dict[str, tuple[float, float]]:
    """The centre of each box and lane, in pixels."""
    places = {}
    for row, layer in enumerate(layers):
        widths = [LANE_PX if _is_lane(name) else BOX_PX for name in layer]
        x = (WIDTH_PX - sum(widths) - GAP_PX * (len(layer) - 1)) / 2
        for name, width in zip(layer, widths, strict=True):
            places[name] = (x + width / 2, (row + 0.5) * LAYER_PX)
            x += width + GAP_PX
    return places


def _is_lane(name: str) -> bool:
    return " " in name


def _arrow(points: list[tuple[float, float]]) -> str:
    """A smooth line from the bottom of the first box through the lanes to the top of the last one."""
    half = BOX_HEIGHT_PX / 2
    x, y = points[0]
    drawn = [f"M{x:g} {y + half:g}"]
    y += half
    for index, (next_x, next_y) in enumerate(points[1:], 1):
        end = next_y - half
        bend = (end - y) / 2
        drawn.append(f"C{x:g} {y + bend:g} {next_x:g} {end - bend:g} {next_x:g} {end - (index == len(points) - 1):g}")
        x, y = next_x, end
        if index < len(points) - 1:
            y = next_y + half
            drawn.append(f"V{y:g}")
    return f'<path d="{"".join(drawn)}" fill="none" stroke="#6b7280" stroke-width="1.3" marker-end="url(#head)"/>'


def _box(name: str, x: float, y: float) -> str:
    left, top = x - BOX_PX / 2, y - BOX_HEIGHT_PX / 2
    return (
        f'<rect x="{left:g}" y="{top:g}" width="{BOX_PX}" height="{BOX_HEIGHT_PX}" rx="6" fill="#eef2ff" '
        f'stroke="#4f46e5"/><text x="{x:g}" y="{y + 5:g}" text-anchor="middle" fill="#1e1b4b">{name}/</text>'
    )
