"""Which calls of a program are needed, in which order, and which memory each may write to."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from minidense.engine.notes import Buffer, Note, PlacedArray, address, copy_into
from minidense.engine.operation import Call, Operation
from minidense.engine.traced import TracedArray
from minidense.typing import Array

_ALIGNMENT = 64  # bytes of a cache line, and of the widest register


def needed(notes: Sequence[Note], results: Iterable[PlacedArray]) -> list[Note]:
    """Return the calls that a result depends on, and those that only check something."""
    buffers = {x.buffer for x in results}
    kept = []
    for note in reversed(notes):
        if not note.outs or any(out.buffer in buffers for out in note.outs):
            buffers.update(x.buffer for x in note.reads)
            kept.append(note)
    return kept[::-1]


def with_changes_last(
    notes: list[Note],
    writes: Sequence[tuple[TracedArray, TracedArray]],
    results: Iterable[PlacedArray],
) -> tuple[list[Note], list[Note]]:
    """Return the calls that change no variable, and then those that do.

    A call whose result becomes a variable writes it there itself, where nobody needs the old value
    afterwards, and the new one nowhere else; else it is copied in the end. From the first change to
    the last all is C: no Ctrl-C comes in between, and no check fails.

    Args:
        notes: all calls, in their order.
        writes: for each variable that is changed its memory, and what it becomes.
        results: what is read after all calls, from memory that is no variable's.
    """
    wanted = Counter(value.buffer for _, value in writes)
    wanted.update(x.buffer for x in results)
    makers = {
        target.buffer: maker
        for target, value in writes
        if wanted[value.buffer] == 1 and (maker := _maker(notes, target, value)) is not None
        if not any(note.runs_python for note in _with_followers(notes, {maker}))
    }
    while True:
        changing = _with_followers(notes, set(makers.values()))
        clashes = [
            buffer for buffer, maker in makers.items() if _is_read_after(buffer, maker, changing)
        ]
        if not clashes:
            break
        for buffer in clashes:
            del makers[buffer]
    steady = _without(notes, changing)
    flushed = _with_followers(steady, {note for note in steady if note.cause.flushed})
    early = _without(steady, flushed) + flushed
    copies = []
    for target, value in writes:
        if target.buffer in makers:
            value.buffer.become(target.buffer)
            continue
        # of another variable, which may be changed before it is copied, a copy is made first
        source = copied(value, early) if value.buffer.is_fixed else value
        copies.append(copy_into(target, source, _COPY))
    return early, changing + copies


def _maker(notes: Sequence[Note], target: PlacedArray, value: PlacedArray) -> Note | None:
    """Return the one call that makes a value, if it could write it to the variable at once."""
    makers = [note for note in notes if any(out.buffer is value.buffer for out in note.outs)]
    if len(makers) != 1 or len(makers[0].outs) != 1 or not makers[0].is_elementwise:
        return None
    out = makers[0].outs[0]
    reads = [x for x in makers[0].reads if x.buffer is target.buffer]
    fits = _is_whole(out) and _is_alike(out, target) and _is_alike(value, target)
    return makers[0] if fits and all(_is_alike(x, target) and _is_whole(x) for x in reads) else None


def _with_followers(notes: Sequence[Note], first: set[Note]) -> list[Note]:
    """Return some calls, and those that read what they write, or write over what they read."""
    found: list[Note] = []
    written: set[Buffer] = set()
    read: set[Buffer] = set()
    for note in notes:
        waits = any(x.buffer in written for x in (*note.reads, *note.outs))
        overwrites = any(out.buffer in read for out in note.outs)
        if note in first or waits or overwrites:
            found.append(note)
            written.update(out.buffer for out in note.outs)
            read.update(x.buffer for x in note.reads)
    return found


def _without(notes: Sequence[Note], others: Iterable[Note]) -> list[Note]:
    left_out = set(others)
    return [note for note in notes if note not in left_out]


def _is_read_after(buffer: Buffer, maker: Note, changing: Sequence[Note]) -> bool:
    """Whether a call that is made after the maker wants the value that the variable had."""
    after = changing[changing.index(maker) + 1 :]
    return any(x.buffer is buffer for note in after for x in note.reads)


def copied(value: TracedArray, notes: list[Note]) -> TracedArray:
    """Return a copy of an array; the call that makes it is put to the notes."""
    array = value.array.copy()
    copy = TracedArray(array, Buffer(array), value.notes)
    notes.append(copy_into(copy, value, _COPY))
    return copy


_COPY = Call(Operation(np.copy), [], {}, [], "", False)


def share(notes: Sequence[Note], results: Iterable[PlacedArray]) -> int:
    """Let arrays that are not needed at the same time lie in one place; return the bytes saved.

    Args:
        notes: the calls in the order in which they are made.
        results: what is read after them.
    """
    first: dict[Buffer, int] = {}
    last: dict[Buffer, int] = {}
    for index, note in enumerate(notes):
        for buffer in (x.buffer for x in (*note.reads, *note.outs)):
            first.setdefault(buffer, index)
            last[buffer] = index
    last |= {x.buffer: len(notes) for x in results}
    movable = [buffer for buffer in first if not buffer.is_fixed]
    ends: dict[int, list[Buffer]] = {}
    for buffer in movable:
        ends.setdefault(last[buffer], []).append(buffer)
    free: list[Array] = []
    taken = 0
    for index, note in enumerate(notes):
        over = [b for b in ends.get(index, []) if first[b] < index and _may_write_over(note, b)]
        free += [buffer.memory for buffer in over]
        for buffer in {out.buffer: None for out in note.outs}:
            if not buffer.is_fixed and first[buffer] == index:
                taken += _place(buffer, free)
        free += [buffer.memory for buffer in ends.get(index, []) if buffer not in over]
    return sum(buffer.array.nbytes for buffer in movable) - taken


def _may_write_over(note: Note, buffer: Buffer) -> bool:
    """Whether a call may write its output where it reads an array that nobody reads afterwards."""
    if not note.is_elementwise:
        return False
    reads = [x for x in note.reads if x.buffer is buffer]
    return all(_is_whole(x) and _is_alike(x, out) for x in reads for out in note.outs)


def _is_whole(x: PlacedArray) -> bool:
    """Whether an array is all of its memory."""
    same_place = address(x.array) == address(x.buffer.array)
    return same_place and x.array.nbytes == x.buffer.array.nbytes


def _is_alike(x: PlacedArray, other: PlacedArray) -> bool:
    """Whether two arrays lie in their memory in the same way."""
    a, b = x.array, other.array
    return a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype


def _place(buffer: Buffer, free: list[Array]) -> int:
    """Give a buffer the smallest free memory that is large enough, or new; return its bytes."""
    wanted = buffer.array.nbytes
    fitting = [index for index, memory in enumerate(free) if memory.nbytes >= wanted]
    if fitting:
        buffer.memory = free.pop(min(fitting, key=lambda index: free[index].nbytes))
        return 0
    spare = np.empty(wanted + 2 * _ALIGNMENT, np.uint8)
    start = -address(spare) % _ALIGNMENT
    buffer.memory = spare[start : start + max(wanted, 1)]
    return wanted
