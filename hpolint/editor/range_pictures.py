"""Where the trials of a search would lie in a range, on each scale, as pictures.

A search that draws evenly on a scale is shown, as random search and the first trials of a Bayesian one draw.
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import NamedTuple

import msgspec

from hpolint.editor.documents import Document
from hpolint.editor.hovers import drawn_scale, own_jobs, parameters_of
from hpolint.editor.positions import Location, Places
from hpolint.engine.evaluation_context import EvaluationContext, Subject
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Struct, follow
from hpolint.readers.python.earlier_runs import best_values
from hpolint.report.outcome import Outcome

TRIALS = 20
"""The trials that a picture shows."""

WIDTH, LABEL, ROW, TOP, RIGHT = 480, 116, 26, 8, 16
"""The width of a picture, of its labels, the height of a row, and the margins, in pixels."""

MAX_TICKS = 8
UNSAFE_IN_MARKDOWN = lazy_regex(r"[\[\]\\`<>&*_\n\r]")
"""Characters of a name that would end an image's text, or mean something in it."""


class Colours(NamedTuple):
    """The colours of a picture: of text, of trials, of trials on the scale that the job has, and of the best so far."""

    text: str
    trial: str
    chosen: str
    best: str


PAGE = Colours("currentColor", "currentColor", "var(--hpolint-accent, #1976d2)", "var(--hpolint-best, #2e7d32)")
"""Those of a picture within a page."""

IMAGE = Colours("#767676", "#767676", "#1976d2", "#2e7d32")
"""Those of an image, which does not see the page around it: readable on light and dark."""


class RangePicture(msgspec.Struct, frozen=True):
    """A range with a picture of its trials on each scale.

    ``scale`` is the one that is written, None if none is or it is not known; ``scales`` are those that the service
    takes for it. ``text`` says what the picture shows. ``best`` are the values of the best trials that are shown.
    """

    location: Location
    name: str
    scale: str | None
    svg: str
    text: str
    best: list[float]
    scales: list[str]


def range_pictures(outcome: Outcome, document: Document, places: Places) -> list[RangePicture]:
    """The pictures of all ranges with known bounds in an outcome's own source."""
    source = outcome.source
    if source is None:
        return []
    jobs = own_jobs(outcome)
    best = best_values(source, jobs)
    pictures: list[RangePicture] = []
    for job in jobs:
        for subject in parameters_of(EvaluationContext(job)):
            node = follow(job.request, subject.root)
            location = places.location(source, node.anchor, document) if isinstance(node, Struct) else None
            picture = _picture(subject, location, best.get(job, {})) if location is not None else None
            if picture is not None:
                pictures.append(picture)
    return pictures


def _picture(subject: Subject, location: Location, best: dict[str, list[float]]) -> RangePicture | None:
    """The picture of a range; None if one of its bounds is not known."""
    bounds = subject.values.get("range", {})
    low, high, scale = _bound(bounds.get("min")), _bound(bounds.get("max")), bounds.get("scale")
    if low is None or high is None or low >= high:
        return None
    name = str(subject.values.get("parameter", {}).get("Name"))
    chosen = drawn_scale(scale, str(bounds.get("kind")), low, high)
    own = [value for value in best.get(name, []) if low <= value <= high]
    svg = range_picture(name, low, high, chosen, PAGE, own)
    scales = [offered for offered, _ in _rows(low, high)]
    return RangePicture(location, name, scale, svg, picture_text(name, low, high), own, scales)


def _bound(value: object) -> float | None:
    """A bound that is a finite number; None for any other value."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def range_picture(
    name: str, low: float, high: float, chosen: str | None, colours: Colours, best: Sequence[float] = ()
) -> str:
    """A picture of a range as SVG, with a row for each scale that the range can have.

    The axis is logarithmic if the range spans a power of ten, so that the scales differ to the eye. ``best`` are values
    of the best trials so far, the best first: lines over all rows.
    """
    rows = list(_rows(low, high))
    height = TOP + ROW * (len(rows) + 1)
    axis = _axis(low, high)
    attributes = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {attributes} font-family="sans-serif" font-size="11">',
        f"<title>{escape(picture_text(name, low, high))}</title>",
    ]
    for number, (scale, value_at) in enumerate(rows):
        middle = TOP + ROW * number + ROW // 2
        is_chosen = scale == chosen
        colour = colours.chosen if is_chosen else colours.trial
        weight = ' font-weight="bold"' if is_chosen else ""
        lines.append(f'<text x="0" y="{middle + 4}" fill="{colours.text}"{weight}>{scale}</text>')
        lines.append(
            f'<line x1="{LABEL}" x2="{WIDTH - RIGHT}" y1="{middle}" y2="{middle}" stroke="{colours.text}" '
            f'stroke-opacity="0.3"/>'
        )
        for trial in range(TRIALS):
            x = _x(axis(value_at((trial + 0.5) / TRIALS)))
            lines.append(f'<circle cx="{x:.1f}" cy="{middle}" r="3.5" fill="{colour}" fill-opacity="0.7"/>')
    end = TOP + ROW * len(rows)
    for value in best:
        x = _x(axis(value))
        lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{end}" stroke="{colours.best}" stroke-width="2"/>')
    bottom = end + ROW // 2 + 4
    for tick in _ticks(low, high):
        x = _x(axis(tick))
        lines.append(f'<text x="{x:.1f}" y="{bottom}" fill="{colours.text}" text-anchor="middle">{tick:.4g}</text>')
    return "".join([*lines, "</svg>"])


def picture_text(name: str, low: float, high: float) -> str:
    """What a picture shows, in words: the share of the trials in the upper half of the axis, on each scale."""
    shares: list[str] = []
    axis = _axis(low, high)
    for scale, value_at in _rows(low, high):
        upper = sum(axis(value_at((trial + 0.5) / TRIALS)) > 0.5 for trial in range(TRIALS))
        shares.append(f"{scale}: {upper} in the upper half")
    return f"Of {TRIALS} trials of {name} from {low:.4g} to {high:.4g}: {'; '.join(shares)}"


def markdown_picture(name: str, low: float, high: float, chosen: str | None) -> str:
    """A picture of a range as an image of Markdown, which holds the picture itself; empty for bounds without one."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return ""
    svg = range_picture(name, low, high, chosen, IMAGE)
    data = b64encode(svg.encode("utf-8")).decode("ascii")
    text = UNSAFE_IN_MARKDOWN.sub(" ", picture_text(name, low, high))
    return f"![{text}](data:image/svg+xml;base64,{data})"


def _rows(low: float, high: float) -> Iterator[tuple[str, Callable[[float], float]]]:
    """The scales of a range, each with the value below which a share of its trials lies."""
    yield "Linear", lambda share: low + share * (high - low)
    if low > 0:
        yield "Logarithmic", lambda share: low * (high / low) ** share
    if low >= 0 and high < 1:
        yield "ReverseLogarithmic", lambda share: 1 - (1 - low) * ((1 - high) / (1 - low)) ** share


def _axis(low: float, high: float) -> Callable[[float], float]:
    """Where a value lies on the axis, from 0 to 1."""
    if low > 0 and high >= 10 * low:
        return lambda value: math.log(value / low) / math.log(high / low)
    if low >= 0 and high < 1 and 1 - low >= 10 * (1 - high):
        return lambda value: math.log((1 - value) / (1 - low)) / math.log((1 - high) / (1 - low))
    return lambda value: (value - low) / (high - low)


def _x(share: float) -> float:
    return LABEL + 8 + share * (WIDTH - RIGHT - LABEL - 16)


def _ticks(low: float, high: float) -> list[float]:
    """The values that are written below the axis: the bounds, and powers of ten between them."""
    if low <= 0 or high < 10 * low:
        return [low, high]
    powers = [10.0**power for power in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]
    inner = [power for power in powers if 2 * low < power < high / 2]
    step = math.ceil(len(inner) / MAX_TICKS) if inner else 1
    return [low, *inner[::step], high]
