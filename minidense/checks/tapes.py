"""Guards for gradient tapes, and for control flow in what is traced."""

from typing import Any

from minidense.checks.message import brief, typed, unfit
from minidense.typing import Shape


def unused_tape(is_unused: bool) -> None:
    """A tape must have noted something, and answers once, unless it is persistent."""
    if not is_unused:
        raise RuntimeError(
            "A GradientTape that is not persistent gives gradients once, of what was computed in "
            "its `with` block. Use GradientTape(persistent=True) to ask several times."
        )


def tape_is_recording(is_recording: bool, wish: str) -> None:
    """What needs a tape that notes what is done just now."""
    if not is_recording:
        raise ValueError(f"This GradientTape is not recording: it cannot {wish}.")


def tape_is_idle(is_recording: bool) -> None:
    """A tape cannot be entered twice at the same time."""
    if is_recording:
        raise ValueError("This GradientTape is still recording: its `with` block was not left.")


def tape_was_entered(was_entered: bool, error: type[Exception]) -> None:
    """A tape is something only from its `with` block on, until it has answered."""
    if not was_entered:
        raise error("This GradientTape is not recording: enter it with `with GradientTape() as t`.")


def can_be_watched(value: Any, is_tensor: bool) -> None:
    """A tape watches tensors and variables, and no plain arrays or numbers."""
    if not is_tensor:
        raise ValueError(
            f"`watch` takes tensors and variables, not {typed(value)}. "
            "Make a tensor of an array first: `ops.convert_to_tensor(array)`."
        )


def part_of_gradient(argument: str, value: Any, is_tensor: bool) -> None:
    """Gradients are of tensors and variables, by tensors and variables."""
    if value is None:
        raise TypeError(f"`{argument}` must be tensors and variables. Received: None.")
    if not is_tensor:
        raise AttributeError(
            f"`{argument}` must be tensors and variables, also in lists, tuples and dicts. "
            f"Received: {typed(value)}, which a tape does not know."
        )


def unconnected_gradients(value: Any) -> bool:
    """Return whether what the target does not need has the gradient 0, and not None."""
    name = getattr(value, "value", value)  # of TensorFlow's enumeration
    if name not in ("none", "zero"):
        raise ValueError(
            f"`unconnected_gradients` must be 'none' or 'zero'. Received: {brief(value)}."
        )
    return bool(name == "zero")


def output_gradient(shape: Shape, dtype: Any, target_shape: Shape, target_dtype: Any) -> None:
    """A target's gradient is like the target; TensorFlow broadcasts another in silence."""
    fits = len(shape) == len(target_shape) and all(
        None in (a, b) or a == b for a, b in zip(shape, target_shape, strict=True)
    )
    if not fits or dtype != target_dtype:
        raise ValueError(
            "`output_gradients` must have the shapes and the dtypes of the targets. Received: "
            f"shape {shape}, {dtype}, for a target of shape {target_shape}, {target_dtype}."
        )


def jacobian_by_loop(is_vectorized: bool, is_persistent: bool) -> None:
    """TensorFlow's loop over the numbers of a target asks the tape several times."""
    if not is_vectorized and not is_persistent:
        raise RuntimeError(
            "A jacobian with experimental_use_pfor=False needs GradientTape(persistent=True)."
        )


def sizes_known(name: str, shape: Shape) -> int:
    """Return how many numbers there are, for what is computed one by one."""
    size = 1
    for dim in shape:
        if dim is None:
            raise NotImplementedError(
                f"`{name}` goes through the numbers one by one, and how many there are is not "
                f"known in this trace: shape {shape}. Use run_eagerly=True."
            )
        size *= dim
    return size


def batches_agree(target: Shape, source: Shape) -> None:
    """Rows of a batch jacobian: each of the target comes from that of the source."""
    for shape in (target, source):
        if len(shape) < 2:
            raise ValueError(f"`batch_jacobian` takes rows: shape {shape} has rank below 2.")
    if None not in (target[0], source[0]) and target[0] != source[0]:
        raise ValueError(
            f"`batch_jacobian` needs as many rows in both. Received: {target} and {source}."
        )


def callables(name: str, **functions: Any) -> None:
    """What control flow calls must be callable."""
    for argument, value in functions.items():
        if not callable(value):
            raise TypeError(f"`{argument}` of `ops.{name}` must be callable. Got {typed(value)}.")


def decided(name: str, argument: str, is_known: bool, instead: str) -> None:
    """Python decides which way control flow goes, so that must be known."""
    if not is_known:
        raise NotImplementedError(
            f"`ops.{name}` cannot go by a tensor without numbers: `{argument}` is not known while "
            f"a function is traced or a graph is built. {instead} "
            "Or compile the model with run_eagerly=True."
        )


def condition(argument: str, value: Any) -> None:
    """What is true or false: a boolean, 1 or 0, or a tensor."""
    if not hasattr(value, "shape") and (isinstance(value, str) or value not in (0, 1)):
        raise unfit(argument, value, "a tensor of shape (), a boolean, 1 or 0", TypeError)


def some_branch(count: int) -> None:
    """A switch has something to choose from."""
    if not count:
        raise ValueError("`ops.switch` needs at least one function in `branches`.")


def some_loop_variable(count: int) -> None:
    """A loop has a variable, or it would never end."""
    if not count:
        raise ValueError("`ops.while_loop` needs at least one variable in `loop_vars`.")


def same_loop_variables(are_same: bool) -> None:
    """A loop's body gives back what it took, in the same nesting."""
    if not are_same:
        raise ValueError("`body` of `ops.while_loop` must return its variables, nested alike.")


def unroll(value: Any) -> None:
    """How many turns of a scan stand one after the other."""
    if not isinstance(value, bool) and (not isinstance(value, int) or value < 1):
        raise unfit("unroll", value, "a positive integer or a boolean")


def something_to_scan(is_there: bool) -> None:
    """A scan goes over rows, or has a length."""
    if not is_there:
        raise ValueError("`ops.scan` needs `xs` to go over, or a `length`.")


def length_of_scan(length: Any, rows: int) -> None:
    """A length says what the rows say."""
    if length is not None and int(length) != rows:
        raise ValueError(f"`length` must be that of `xs`. Received: {length} for {rows} rows.")


def like_the_carry(results: list[Any], carry: list[Any]) -> None:
    """The results of a scan are made in the shapes and the dtypes of what it carries."""
    if results != carry:
        raise ValueError(
            "`f` of `ops.scan` must return results of the shapes and dtypes of `init`, as in "
            f"Keras on TensorFlow. Received: {results} for {carry}."
        )


def rows_to_go_over(name: str, sizes: list[int]) -> None:
    """There are rows, and the same number of them in all tensors."""
    if not sizes or 0 in sizes or len(set(sizes)) > 1:
        raise ValueError(
            f"`ops.{name}` goes over the rows of tensors that have as many of them, at least one. "
            f"Received: {sizes} rows."
        )


def custom_gradients(count: int, wanted: int) -> None:
    """A custom gradient function returns a gradient, or None, for each input."""
    if count != wanted:
        raise ValueError(
            f"The gradient function of `ops.custom_gradient` must return {wanted} gradients, "
            f"one for each input. Received: {count}."
        )


def takes_variables(accepts: bool, paths: list[str]) -> None:
    """A function with a custom gradient that reads weights must say what their gradients are."""
    if not accepts and paths:
        raise TypeError(
            "The gradient function of `ops.custom_gradient` needs a keyword argument `variables`, "
            f"and returns their gradients, too: the function reads the variables {paths}."
        )
