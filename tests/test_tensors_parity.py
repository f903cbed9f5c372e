"""The operators of tensors: TensorFlow's, eagerly and while a function is traced."""

import operator
from functools import partial

import numpy as np
import pytest

from tests.in_both import attempt, in_both

ARITHMETIC = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow"]
COMPARISONS = ["lt", "le", "gt", "ge", "eq", "ne"]
OTHERS = {
    "2": lambda k: 2,
    "2.5": lambda k: 2.5,
    "True": lambda k: True,
    "np.float64": lambda k: np.float64(2.5),
    "np.int64": lambda k: np.int64(3),
    "float64 array": lambda k: np.array([1.1, 2.7]),
    "int64 array": lambda k: np.array([1, 2]),
    "list": lambda k: [1, 2],
    "list of floats": lambda k: [1.5, 2.0],
    "the same dtype": lambda k: k.ops.convert_to_tensor(np.float32([3, 2])),
    "int32 tensor": lambda k: k.ops.convert_to_tensor(np.int32([3, 2])),
    "float64 tensor": lambda k: k.ops.convert_to_tensor(np.array([3.0, 2.0])),
    "variable": lambda k: k.Variable(np.float32([3, 2])),
    "float64 variable": lambda k: k.Variable(np.array([3.0, 2.0])),
    "None": lambda k: None,
}
NOT_ASKED = {
    # `tensor + variable` and the comparisons ask the tensor first, which knows one dtype only
    ("add", "float64 variable"),
    *[(name, "float64 variable") for name in COMPARISONS],
}


def plain(found):
    """Return numbers and dtype of a tensor; a refusal as one word, whatever its class."""
    if isinstance(found, str):
        return "refused"
    array = np.asarray(found)
    return array.dtype.name, array.astype("float64") if array.dtype != bool else array


@pytest.mark.parametrize("dtype", ["float32", "int32"])
@pytest.mark.parametrize("other", OTHERS)
def test_what_is_no_tensor_takes_the_dtype_of_the_tensor(other, dtype):
    @in_both
    def script(k):
        tensor, side = k.ops.convert_to_tensor(np.array([4, 7], dtype)), OTHERS[other](k)
        found = {}
        for name in (*ARITHMETIC, *COMPARISONS):
            if (name, other) in NOT_ASKED or (other == "variable" and dtype == "int32"):
                continue
            for order in ((tensor, side), (side, tensor)):
                result = attempt(partial(getattr(operator, name), *order))
                is_answer = isinstance(result, bool)
                found[f"{name}, {order[0] is tensor}"] = result if is_answer else plain(result)
        return found

    script()


IN_A_TRACE = {
    "v.numpy()": lambda v, x: v.numpy(),
    "np.asarray(v)": lambda v, x: np.asarray(v),
    "np.ones(2) * v": lambda v, x: np.ones(2) * v,
    "np.sin(v)": lambda v, x: np.sin(v),
    "float(v[0])": lambda v, x: float(v[0]),
    "int(v[0])": lambda v, x: int(v[0]),
    "bool(v)": lambda v, x: bool(v),
    "v == 1": lambda v, x: v == 1,
    "v == None": lambda v, x: v == None,  # noqa: E711
    "x == None": lambda v, x: x == None,  # noqa: E711
    "x * np.float64(2)": lambda v, x: x * np.float64(2),
    "np.float64(2) * x": lambda v, x: np.float64(2) * x,
    "x * float64 array": lambda v, x: x * np.array([2.0, 3.0]),
    "float64 array * x": lambda v, x: np.array([2.0, 3.0]) * x,
    "v * float64 array": lambda v, x: v * np.array([2.0, 3.0]),
    "v.assign([3, 4])": lambda v, x: v.assign([3.0, 4.0]),
    "v.assign(x[0])": lambda v, x: v.assign(x[0]),
    "v.assign('ab')": lambda v, x: v.assign("ab"),
    "v.assign(None)": lambda v, x: v.assign(None),
    "x + None": lambda v, x: x + None,
    "x + 'a'": lambda v, x: x + "a",
}


@pytest.mark.parametrize("case", IN_A_TRACE)
def test_a_traced_variable_has_no_numbers(case):
    @in_both
    def script(k):
        variable = k.Variable(np.float32([1, 2]))
        seen = []

        class Looks(k.layers.Layer):
            def call(self, x):
                found = attempt(lambda: IN_A_TRACE[case](variable, x))
                dtype = str(getattr(found, "dtype", "")).split("'")[-2:][0]
                seen.append(found if isinstance(found, (str, bool)) else dtype)
                return x

        model = k.Sequential([Looks()])
        model.predict(np.ones((4, 2), "float32"), verbose=0)
        return seen[-1]

    script()


@in_both
def test_numbers_of_numpys_on_the_left_are_on_the_tape(k):
    class Doubled(k.losses.Loss):
        def call(self, y_true, y_pred):
            return np.float32(2) * k.ops.mean(k.ops.abs(y_true - y_pred), axis=-1)

    model = k.Sequential([k.Input((2,)), k.layers.Dense(1)])
    model.compile("sgd", Doubled(), run_eagerly=True)
    x = np.ones((4, 2), "float32")
    model.fit(x, x[:, :1], epochs=2, shuffle=False, verbose=0)
    return model.get_weights()


@in_both
def test_adding_in_place_gives_the_name_to_a_new_tensor(k):
    first = k.ops.convert_to_tensor([1.0, 2.0])
    second = first
    second += 1
    second *= 2
    second -= first
    second /= 2
    variable = k.Variable([1.0, 2.0])
    third = variable
    third += 1
    return first, second, third, variable


@in_both
def test_bits_and_truth_values_of_tensors_are_combined(k):
    found = []
    for values in ([6, 3, 0], [True, False, True]):
        tensor, other = k.ops.convert_to_tensor(values), [values[-1]] * 3
        found += [tensor & other, tensor | other, tensor ^ other]
        found += [other & tensor, other | tensor, other ^ tensor]
    return found


@in_both
def test_a_dtype_is_named_as_python_and_numpy_name_it(k):
    asked = (int, float, bool, "int", "float", "double", np.int8, np.dtype(">f4"), "f4", object, 5)
    found = []
    for dtype in asked:
        made = [attempt(lambda to=dtype: k.ops.cast(np.ones(2, "float32"), to))]
        made.append(attempt(lambda to=dtype: k.ops.convert_to_tensor(np.ones(2, "float32"), to)))
        found += [each if isinstance(each, str) else np.asarray(each).dtype.name for each in made]
    return found


KEYS = {
    "a number": 1,
    "a number of NumPy's": np.int64(-1),
    "a slice": slice(1, None),
    "a slice back": slice(None, None, -2),
    "ends of NumPy's": slice(np.int64(0), np.int64(2)),
    "a new axis": (None, 0),
    "an ellipsis": (..., 0),
    "one in the middle": (0, ..., None, slice(1)),
    "a list is read as a tuple": [0, 1],
    "nothing": [],
    "a mask of rows": np.array([True, False, True]),
    "a mask of all": np.arange(24).reshape(3, 2, 4) % 5 == 0,
    "a mask of others": np.array([True, False]),
    "a truth value": True,
    "an array": np.array([0, 1]),
    "two arrays": (np.array([0, 1]), np.array([0, 1])),
    "a float": 1.0,
    "an end that is a float": slice(0, 1.5),
    "a text": "a",
    "beyond": 3,
    "before": -4,
    "beyond the last axis": (..., 4),
    "too many": (0, 0, 0, 0),
    "two ellipses": (..., ...),
    "no step": slice(None, None, 0),
}


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("key", KEYS)
def test_a_part_of_a_tensor_is_named_as_in_tensorflow(key, traced):
    @in_both
    def script(k):
        found = []

        class Part(k.layers.Layer):
            def call(self, x):
                found.append(attempt(lambda: k.ops.convert_to_tensor(x)[KEYS[key]]))
                return x

        x = np.arange(24, dtype="float32").reshape(3, 2, 4)
        if traced:
            k.Sequential([Part()]).predict_on_batch(x)
        else:
            Part()(x)
        last = found[-1]
        if isinstance(last, str):  # TensorFlow's own class is none of Python's
            return last.replace("InvalidArgumentError", "ValueError")
        return tuple(last.shape) if traced else last

    script()


@in_both
def test_a_loop_goes_over_the_rows_of_a_tensor(k):
    rows = list(k.ops.convert_to_tensor([[1.0, 2.0], [3.0, 4.0]]))
    return *rows, attempt(lambda: list(k.ops.convert_to_tensor(1.0)))


@in_both
def test_a_loss_of_the_rows_that_a_mask_chooses_is_trained(k):
    def of_some_rows(y_true, y_pred):
        return k.ops.mean(y_pred[np.array([True, False, True, False])], axis=-1)

    model = k.Sequential([k.Input((2,)), k.layers.Dense(1)])
    model.compile("sgd", of_some_rows)
    x = np.arange(8, dtype="float32").reshape(4, 2)
    model.fit(x, x[:, :1], batch_size=4, shuffle=False, verbose=0)
    return model.get_weights()


@in_both
def test_an_array_on_the_left_leaves_the_operator_to_a_traced_tensor(k):
    found = []

    class Arrays(k.layers.Layer):
        def call(self, x):
            array = np.float32([[1, 2], [3, 4]])
            found[:] = [array + x, array - x, array * x, array / x, array**x, array @ x]
            found.extend([array > x, array <= x, np.float32(2) * x])
            return sum(k.ops.cast(each, "float32") for each in found)

    x = np.float32([[0.5, 1.5], [2, 3]])
    model = k.Sequential([Arrays()])
    shapes = [model.predict(x, verbose=0)]
    return [*shapes, *(tuple(each.shape) for each in found)]
