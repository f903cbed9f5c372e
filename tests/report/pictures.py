"""Pictures as small SVGs, in the colours of the page that holds them: light or dark.

Their classes are coloured in `style.css`. Sizes are those on a narrow window, so that texts keep
theirs; on a wide one, pictures stand side by side.
"""

import math
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from tests.report.words import short

BAR = 5
HEIGHT = 30
FIRST_BIN, LAST_BIN = -34, 2
"""Half decades: relative differences from 1e-17 to 10; what lies beyond is drawn at the end."""

WIDTH = 340
LEFT, RIGHT = 62, 332
LOSS_TOP, LOSS_BOTTOM = 12, 132
APART_TOP, APART_BOTTOM = 160, 218


def distribution(row: Mapping[str, Any]) -> str:
    """Draw how many cases of a feature have which largest relative difference.

    The first bar, apart from the others, is of the cases without any. Heights are logarithms.
    """
    bins: dict[int, int] = {}
    for key, number in row["histogram"].items():
        place = min(max(int(key), FIRST_BIN), LAST_BIN) - FIRST_BIN
        bins[place] = bins.get(place, 0) + number
    tallest = math.log1p(max([*bins.values(), row["equal"], 1]))
    bars = [(0.0, row["equal"], "equal", "no difference")] if row["equal"] else []
    for place, number in sorted(bins.items()):
        power = (place + FIRST_BIN) / 2
        title = f"{short(10**power)} to {short(10 ** (power + 0.5))}"
        bars.append((_bin(place), number, "apart", title))
    drawn = []
    for x, number, kind, title in bars:
        height = max(1.5, HEIGHT * math.log1p(number) / tallest)
        drawn.append(
            f'<rect class="{kind}" x="{x:g}" y="{HEIGHT - height:.1f}" width="{BAR - 1}" '
            f'height="{height:.1f}"><title>{escape(title)}: {number:,}</title></rect>'
        )
    width = _bin(LAST_BIN - FIRST_BIN + 1)
    ticks = [
        f'<text x="{_bin(2 * power - FIRST_BIN):g}" y="{HEIGHT + 10}">{label}</text>'
        for power, label in [(-16, "1e-16"), (-8, "1e-8"), (0, "1")]
    ]
    rtol = float(row["rtol"])
    if rtol and not float(row["atol"]):
        x = _bin(2 * math.log10(rtol) - FIRST_BIN)
        drawn.append(
            f'<line class="allowed" x1="{x:g}" x2="{x:g}" y1="0" y2="{HEIGHT}">'
            f"<title>allowed: {short(rtol)}</title></line>"
        )
    return (
        f'<svg class="bars" viewBox="-1 0 {width + 2:g} {HEIGHT + 12}" width="{width + 2:g}" '
        f'height="{HEIGHT + 12}" role="img" aria-label="distribution of relative differences">'
        f'<path class="axis" d="M-1 {HEIGHT}H{width:g}"/>{"".join(drawn)}{"".join(ticks)}</svg>'
    )


def _bin(place: float) -> float:
    """Return where a bin begins: the cases without difference stand before all."""
    return BAR * (place + 2)


def curves(row: Mapping[str, Any]) -> str:
    """Draw the losses of both libraries over each other, and below how far they are apart."""
    theirs, ours = ([float(loss) for loss in row[name]] for name in ("keras", "minidense"))
    finite = [loss for loss in theirs + ours if math.isfinite(loss)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    xs = _scale(range(len(theirs)), 0, len(theirs) - 1, LEFT + 4, RIGHT - 4)
    losses = [_scale(side, low, high, LOSS_BOTTOM - 4, LOSS_TOP + 4) for side in (theirs, ours)]
    apart = [
        (our - their) / abs(their) if their else our - their
        for our, their in zip(ours, theirs, strict=True)
    ]
    limit = max((abs(each) for each in apart if math.isfinite(each)), default=0.0)
    parts = [
        _frame(LOSS_TOP, LOSS_BOTTOM, [(LOSS_TOP + 8, _loss(high)), (LOSS_BOTTOM, _loss(low))]),
        _line("keras", xs, losses[0]),
        _line("minidense", xs, losses[1], dots=len(xs) <= 20),
        f'<text class="title" x="{LEFT}" y="{APART_TOP - 6}">difference, relative</text>',
    ]
    if limit:
        labels = [(APART_TOP + 8, short(limit)), (APART_BOTTOM, f"-{short(limit)}")]
        middle = (APART_TOP + APART_BOTTOM) / 2
        parts.append(_frame(APART_TOP, APART_BOTTOM, [*labels, (middle + 4, "0")]))
        parts.append(f'<path class="axis" d="M{LEFT} {middle}H{RIGHT}"/>')
        ys = _scale(apart, -limit, limit, APART_BOTTOM - 3, APART_TOP + 3)
        parts.append(_line("apart", xs, ys, dots=len(xs) <= 20))
    else:
        parts.append(_frame(APART_TOP, APART_BOTTOM, []))
        text = f'x="{(LEFT + RIGHT) / 2}" y="{(APART_TOP + APART_BOTTOM) / 2 + 4}"'
        parts.append(f'<text class="none" {text}>none: the same number at each point</text>')
    base = APART_BOTTOM + 14
    parts.append(f'<text class="title" x="{LEFT}" y="{base}">{escape(row["unit"])}: 1</text>')
    parts.append(f'<text x="{RIGHT}" y="{base}">{len(theirs):,}</text>')
    label = escape(f"losses of {row['name']}", quote=True)
    return (
        f'<svg class="curves" viewBox="0 0 {WIDTH} {base + 6}" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )


def _scale(
    values: Iterable[float], low: float, high: float, start: float, end: float
) -> list[float]:
    """Map values from [low, high] to places from start to end; to the middle if all are one."""
    if high == low:
        return [(start + end) / 2 for _ in values]
    return [start + (value - low) / (high - low) * (end - start) for value in values]


def _line(kind: str, xs: list[float], ys: list[float], dots: bool = False) -> str:
    """Return a line through the points; it is broken where a number is not finite."""
    path, pen_down = [], False
    for x, y in zip(xs, ys, strict=True):
        if math.isfinite(y):
            path.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
        pen_down = math.isfinite(y)
    circles = [
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="2"/>'
        for x, y in zip(xs, ys, strict=True)
        if dots and math.isfinite(y)
    ]
    return f'<path class="{kind}" d="{"".join(path)}"/>{"".join(circles)}'


def _frame(top: float, bottom: float, labels: list[tuple[float, str]]) -> str:
    texts = [f'<text x="{LEFT - 4}" y="{y:g}">{text}</text>' for y, text in labels]
    box = f'x="{LEFT}" y="{top}" width="{RIGHT - LEFT}" height="{bottom - top}"'
    return f'<rect class="frame" {box}/>{"".join(texts)}'


def _loss(value: float) -> str:
    return f"{value:.3g}"
