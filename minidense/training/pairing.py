"""Which loss, which targets and which weights belong to which output.

Mirrors `CompileLoss.build` and `.call` in `keras/src/trainers/compile_utils.py`. A place among the
outputs is a path: the keys and numbers that lead to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from minidense import checks
from minidense.nest import are_alike, flatten, is_nested, map_structure, pack_like

Path = tuple[Any, ...]


class OutputLoss(NamedTuple):
    """The loss of one output."""

    path: Path
    loss: Any
    """As in the structure that it comes from."""
    weight: float | None
    name: str
    """What its running mean is called, but for "_loss" at the end."""


@dataclass(frozen=True)
class _Weighted:
    loss: Any
    weight: float | None
    name: str


def losses_of_outputs(
    losses: Any, weights: Any, y_pred: Any, names: Sequence[str] | None
) -> list[OutputLoss]:
    """Return the loss of each output that has one, in the order in which Keras adds them up.

    Args:
        losses: one for all outputs, or nested: by position, or by the keys or names of the outputs.
            It is None for an output without a loss, and else has a `name`.
        weights: a factor for all, or as many as there are losses.
        y_pred: the outputs.
        names: those of the outputs, if they have some, in the order of `flatten`.

    Raises:
        KeyError: for a loss or a weight that no output belongs to.
        TypeError: for names, if the outputs have none; for one weight beside several losses.
        ValueError: for other names than the outputs have, too few losses, another number of
            weights, or no loss.
    """
    if isinstance(losses, Mapping):
        if isinstance(weights, Mapping):
            checks.names_of_loss_weights(list(weights), list(losses), isinstance(y_pred, Mapping))
        if not isinstance(y_pred, Mapping):
            known = checks.outputs_have_names("loss", list(losses), names)
            checks.names_of_losses(list(losses), known)
            losses = [losses[name] for name in known]
            weights = [weights[n] for n in known] if isinstance(weights, Mapping) else weights
    flat = flatten(losses)
    factors: list[Any] = [None] * len(flat)
    if weights is not None:
        checks.as_many_loss_weights(weights, len(flat))
        factors = flatten(weights)
    pairs = zip(flat, factors, strict=True)
    weighted = pack_like(losses, [each and _Weighted(each, w, _name(each)) for each, w in pairs])
    if not is_nested(losses):
        one_for_all = weighted
        weighted = map_structure(lambda _: one_for_all, y_pred)
    count = len(flatten(y_pred))
    fitting = names if names is not None and len(names) == count else [None] * count
    found = list(_found(weighted, y_pred, pack_like(y_pred, list(fitting))))
    checks.has_loss(found or None)
    return found


def _name(loss: Any) -> str:
    return loss if isinstance(loss, str) else str(loss.name)


def _found(losses: Any, y_pred: Any, names: Any, path: Path = ()) -> Iterator[OutputLoss]:
    """Go through losses and outputs side by side, and give those that belong together."""
    is_list = isinstance(losses, (list, tuple))
    if is_list and len(losses) == len(flatten(y_pred)) and not any(map(is_nested, losses)):
        losses = pack_like(y_pred, list(losses))
    if isinstance(losses, _Weighted):
        checks.loss_of_one_output(path, is_nested(y_pred))
        yield OutputLoss(path, losses.loss, losses.weight, _in_log(path, names or losses.name))
    elif losses is not None:
        checks.losses_like_outputs(losses, y_pred)
        for key, part in losses.items() if isinstance(losses, Mapping) else enumerate(losses):
            if part is not None:
                yield from _found(part, y_pred[key], names[key], (*path, key))


def _in_log(path: Path, name: str) -> str:
    """Return what an output is called: by its key, or by its name in the place of its number."""
    if not path or isinstance(path[-1], int):
        path = (*path[:-1], name)
    return "/".join(map(str, path))


def targets_like(y: Any, y_pred: Any, losses: Any, names: Sequence[str] | None) -> Any:
    """Return the targets in the nesting of the outputs.

    They may come in the same nesting, in a list in the order of the outputs, in a dict by the names
    of a list of outputs, or only for the outputs that have a loss, in the nesting of the losses.

    Args:
        y: the targets.
        y_pred: the outputs.
        losses: as the user gave them.
        names: as in `losses_of_outputs`.

    Raises:
        ValueError: for another number of targets.
        TypeError: for other keys than the outputs have.
    """
    outputs = flatten(y_pred)
    if are_alike(y, y_pred) or (not is_nested(y) and is_nested(y_pred) and len(outputs) == 1):
        return pack_like(y_pred, flatten(y))
    if isinstance(y, Mapping) and isinstance(y_pred, (list, tuple)):
        known = checks.outputs_have_names("y", list(y), names)
        y = [y[name] for name in known] if set(y) == set(known) else y
    if isinstance(y, (list, tuple)) and len(y) == len(outputs) and not any(map(is_nested, y)):
        return pack_like(y_pred, list(y))
    checks.keys_of_targets(y, y_pred, len(outputs))
    have_loss = [loss is not None for loss in flatten(losses)]
    checks.as_many_targets(y, y_pred, sum(have_loss))
    given = iter(flatten(y))
    return pack_like(losses, [next(given) if has_loss else None for has_loss in have_loss])


def part_at(argument: str, structure: Any, path: Path) -> Any:
    """Return what belongs to the output at a place.

    Raises:
        KeyError: if there is nothing.
        IndexError: if a list of weights is too short.
    """
    for key in path:
        checks.part_exists(argument, structure, key, path)
        structure = structure[key]
    return structure
