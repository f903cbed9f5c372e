"""Text in terminal cells: how wide it is, where it is cut, where it breaks into lines."""

import re
import unicodedata

_TAB_SIZE = 8
# Bell, backspace, vertical tab, form feed, carriage return: left out, as in rich.
_CONTROL_CHARACTERS = dict.fromkeys([7, 8, 11, 12, 13])


def cell_width(text: str) -> int:
    """Return how many terminal cells the text takes: 2 for a wide character, 0 for a mark.

    >>> cell_width("dense"), cell_width("層")
    (5, 2)
    """
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Mc", "Cf", "Cc"):
        return 0
    wide = unicodedata.east_asian_width(character) in "WF" and category != "Cn"
    return 2 if wide else 1


def crop(text: str, width: int) -> str:
    """Cut the text to at most `width` cells; half of a wide character becomes a space.

    >>> crop("dense", 3), crop("層", 1)
    ('den', ' ')
    """
    used = 0
    for position, character in enumerate(text):
        used += _character_width(character)
        if used > width:
            half_fits = used - _character_width(character) < width
            return text[:position] + " " * half_fits
    return text


def _chop(word: str, width: int) -> list[str]:
    """Cut a word into pieces of at most `width` cells each."""
    pieces, used = [""], 0
    for character in word:
        size = _character_width(character)
        if pieces[-1] and used + size > width:
            pieces.append("")
            used = 0
        pieces[-1] += character
        used += size
    return pieces


def _line_starts(text: str, width: int, fold: bool) -> list[int]:
    """Return where each line after the first starts, so that words are not torn needlessly."""
    starts, used = [], 0
    for match in re.finditer(r"\s*\S+\s*", text):
        word, start = match[0], match.start()
        needed = cell_width(word.rstrip())  # spaces after the last word may stick out
        if used + needed <= width:
            used += cell_width(word)
        elif needed <= width:
            starts.append(start)
            used = cell_width(word)
        else:  # no line holds it: fold over several lines, or let it stick out of a new one
            pieces = _chop(word, width) if fold else [word]
            for piece in pieces:
                starts.append(start)
                start += len(piece)
            used = cell_width(pieces[-1])
    return [start for start in starts if start > 0]


def wrap(text: str, width: int, *, fold: bool = True) -> list[str]:
    """Break the text at spaces into lines of at most `width` cells.

    Args:
        text: what to break; its own line breaks stay.
        width: cells a line, at least 1.
        fold: whether a word longer than a line goes on in the next one. Without it the word
            stays whole and its line too long.

    Returns:
        The lines. Spaces at the end of a line stay as far as they fit.

    >>> wrap("dense_layer (Dense)", 12)
    ['dense_layer ', '(Dense)']
    >>> wrap("dense_layer", 6)
    ['dense_', 'layer']
    """
    lines = []
    for paragraph in text.translate(_CONTROL_CHARACTERS).split("\n"):
        flat = paragraph.expandtabs(_TAB_SIZE)
        starts = _line_starts(flat, width, fold)
        for start, stop in zip([0, *starts], [*starts, len(flat)], strict=True):
            line = flat[start:stop]
            lines.append(line[: max(width, len(line.rstrip()))])
    return lines
