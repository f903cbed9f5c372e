"""A text table with box lines, and the rules by which long text is broken inside it.

Keras draws its summary with the `rich` library. The widths, breaks and box characters here follow
rich 15 (`rich/table.py`, `rich/_wrap.py`, `rich/containers.py`), without its colours.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from minidense.summary.text_cells import cell_width, crop, wrap

Justify: TypeAlias = Literal["left", "center", "right"]

_PADDING = 2  # one space on each side of a cell's text
_ELLIPSIS = "…"


class Column(NamedTuple):
    """One column: its header, the width asked for (padding not counted), its justification."""

    header: str
    width: int
    justify: Justify = "left"


class Box(NamedTuple):
    """The characters of a box: per horizontal rule its left end, line, crossing and right end."""

    top: str
    below_header: str
    between_rows: str
    bottom: str
    header_divider: str
    row_divider: str


HEAVY_HEAD = Box("┏━┳┓", "┡━╇┩", "├─┼┤", "└─┴┘", "┃", "│")
ASCII = Box("+--+", "|-+|", "|-+|", "+--+", "|", "|")


# Cells and rows


def _fit_cell(text: str, column: Column, width: int) -> list[str]:
    """Return the lines of one cell, each of exactly `width` cells, padding counted."""
    inner = width - _PADDING
    if inner < 1:
        return []
    lines = wrap(text, inner, fold=False)
    return [f" {_justify(line, column.justify, inner)} " for line in lines]


def _justify(line: str, justify: Justify, width: int) -> str:
    if justify != "left":
        line = line.rstrip()
    if cell_width(line) > width:
        line = crop(line, width - 1) + _ELLIPSIS
    spare = width - cell_width(line)
    before = {"left": 0, "center": spare // 2, "right": spare}[justify]
    return " " * before + line + " " * (spare - before)


def _row_lines(
    texts: Sequence[str], columns: Sequence[Column], widths: Sequence[int], *, header: bool
) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each line of one row; the header stands at the bottom, others on top."""
    cells = [
        _fit_cell(text, column, width)
        for text, column, width in zip(texts, columns, widths, strict=True)
    ]
    height = max(1, *map(len, cells))
    for cell, width in zip(cells, widths, strict=True):
        blank = [" " * width] * (height - len(cell))
        cell[:] = blank + cell if header else cell + blank
    yield from zip(*cells, strict=True)


# Widths and the whole


def column_widths(columns: Sequence[Column], line_length: int) -> list[int]:
    """Share `line_length` among the columns; padding is counted in, box lines are not.

    The widths asked for, plus padding, usually do not fit beside the box lines: then all columns
    give up the same number of cells, as far as it can be divided. Where there is room left, each
    column gets of it in proportion to its width.

    >>> column_widths([Column("Layer", 32), Column("Shape", 25), Column("Param", 15)], 72)
    [31, 23, 14]
    """
    box_lines = len(columns) + 1
    available = max(0, line_length - box_lines)
    widths = [max(1, min(column.width + _PADDING, available)) for column in columns]
    missing = sum(widths) - available
    if missing > 0:
        return _shrink(widths, missing)
    return _grow(widths, -missing)


def _shrink(widths: Sequence[int], missing: int) -> list[int]:
    result = []
    for index, width in enumerate(widths):
        cut = min(width, round(missing / (len(widths) - index)))
        missing -= cut
        result.append(width - cut)
    return result


def _grow(widths: Sequence[int], spare: int) -> list[int]:
    result, weight = [], sum(widths)
    for width in widths:
        gift = -(-width * spare // weight)  # rounded up
        spare -= gift
        weight -= width
        result.append(width + gift)
    return result


def draw_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    line_length: int,
    box: Box = HEAVY_HEAD,
) -> list[str]:
    """Return the lines of the table.

    Args:
        columns: headers, widths, justification.
        rows: the texts of each row, one per column.
        line_length: how wide the table is, in cells.
        box: the characters to draw with.

    >>> columns = [Column("Layer", 9), Column("Param #", 9)]
    >>> for line in draw_table(columns, [["dense", "30"]], line_length=21):
    ...     print(line)
    ┏━━━━━━━━━┳━━━━━━━━━┓
    ┃ Layer   ┃ Param # ┃
    ┡━━━━━━━━━╇━━━━━━━━━┩
    │ dense   │ 30      │
    └─────────┴─────────┘
    """
    widths = column_widths(columns, line_length)

    def rule(characters: str) -> str:
        left, line, crossing, right = tuple(characters)
        return left + crossing.join(line * width for width in widths) + right

    def row(texts: Sequence[str], divider: str, *, header: bool = False) -> list[str]:
        lines = _row_lines(texts, columns, widths, header=header)
        return [divider + divider.join(cells) + divider for cells in lines]

    headers = [column.header for column in columns]
    drawn = [rule(box.top), *row(headers, box.header_divider, header=True)]
    drawn.append(rule(box.below_header))
    for index, texts in enumerate(rows):
        if index > 0:
            drawn.append(rule(box.between_rows))
        drawn += row(texts, box.row_divider)
    return [*drawn, rule(box.bottom)]
