"""The activations and their derivatives, number by number; softmax row by row."""

from collections.abc import Sequence

from tests.truth.exact import Exact, Real, largest, largest_magnitude, mp, real


def linear(x: Real) -> Exact:
    """The number itself."""
    return Exact(x)


def linear_gradient(x: Real, grad: Real) -> Exact:
    """The gradient itself."""
    return Exact(grad)


def relu(
    x: Real, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Exact:
    """max_value from there on, x above the threshold, negative_slope * (x - threshold) below."""
    if mp.isnan(x):
        return Exact(x)
    if max_value is not None and x >= real(max_value):
        return Exact(real(max_value))
    if x > real(threshold):
        return Exact(x)
    if not negative_slope:
        return Exact(mp.zero)
    slope, limit = real(negative_slope), real(threshold)
    return Exact(slope * (x - limit), slope * largest_magnitude([x, limit]) if limit else None)


def relu_gradient(
    x: Real,
    grad: Real,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Exact:
    """The gradient times 1 where x passes, the slope below, 0 above max_value."""
    if x > real(threshold):
        limited = max_value is not None and x > real(max_value)
        return Exact(grad * 0 if limited else grad)
    return Exact(grad * real(negative_slope))


def sigmoid(x: Real) -> Exact:
    """1 / (1 + exp(-x))."""
    return Exact(1 / (1 + mp.exp(-x)))


def sigmoid_gradient(x: Real, grad: Real) -> Exact:
    """Grad * y * (1 - y), where 1 - y is sigmoid(-x); the larger of its terms is grad * y."""
    y = sigmoid(x).value
    return Exact(grad * y * sigmoid(-x).value, grad * y)


def tanh(x: Real) -> Exact:
    """The hyperbolic tangent."""
    return Exact(mp.tanh(x))


def tanh_gradient(x: Real, grad: Real) -> Exact:
    """Grad * (1 - y * y), which is grad / cosh(x)**2; the larger of its terms is grad."""
    return Exact(grad / mp.cosh(x) ** 2, grad)


def softmax_row(row: Sequence[Real]) -> list[Real]:
    """exp(x - max(x)) over the sum of these."""
    highest = largest(row)
    powers = [mp.exp(x - highest) for x in row]
    total = mp.fsum(powers)
    return [power / total for power in powers]


def softmax_terms(row: Sequence[Real]) -> list[Real]:
    """Each output times |x - max(x)|, if that is above 1.

    Floats must round x - max(x), and exp stretches this error by the size of the difference.
    """
    highest = largest(row)
    return [
        y * largest_magnitude([mp.one, x - highest])
        for x, y in zip(row, softmax_row(row), strict=True)
    ]


def softmax(row: Sequence[Real]) -> list[Exact]:
    """One row of outputs."""
    return [Exact(*pair) for pair in zip(softmax_row(row), softmax_terms(row), strict=True)]


def softmax_gradient(row: Sequence[Real], grads: Sequence[Real]) -> list[Exact]:
    """Y * (grad - sum(grad * y)): grad and the products in the sum may cancel."""
    outputs = softmax_row(row)
    products = [grad * y for grad, y in zip(grads, outputs, strict=True)]
    total = mp.fsum(products)
    return [
        Exact(y * (grad - total), term * largest_magnitude([grad, *products]))
        for grad, y, term in zip(grads, outputs, softmax_terms(row), strict=True)
    ]
