"""One step of each optimizer for one number, from the state as it is given.

A state is a dictionary by Keras's names: "weight", and "momentum", "velocity" and so on. Each step
returns the state after it; the terms of the sums are those that floats would add.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from tests.truth.exact import Exact, Real, largest, largest_magnitude, mp, real

State: TypeAlias = dict[str, Exact]
Step: TypeAlias = Callable[[Mapping[str, Real], Real, int], State]
"""(state, gradient, number of the step from 1) -> state."""


def _sum(*terms: Real) -> Exact:
    return Exact(mp.fsum(terms), largest_magnitude(terms))


def sgd(rate: Real, momentum: float = 0.0, nesterov: bool = False) -> Step:
    """weight -= rate * gradient, or += a velocity: momentum * velocity - rate * gradient."""
    factor = real(momentum)

    def step(state: Mapping[str, Real], gradient: Real, number: int) -> State:
        weight = state["weight"]
        change = rate * gradient
        if not momentum:
            return {"weight": _sum(weight, -change)}
        velocity = _sum(factor * state["momentum"], -change)
        if nesterov:
            return {
                "weight": _sum(weight, factor * velocity.value, -change),
                "momentum": velocity,
            }
        term = largest_magnitude([weight, velocity.term])
        return {"weight": Exact(weight + velocity.value, term), "momentum": velocity}

    return step


def adam(
    rate: Real,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
    amsgrad: bool = False,
) -> Step:
    """weight -= alpha * m / (sqrt(v) + epsilon), with alpha corrected for the start at 0."""
    decay_1, decay_2 = real(beta_1), real(beta_2)

    def running(mean: Real, newest: Real, decay: Real) -> Exact:
        return Exact(
            mean * decay + newest * (1 - decay),
            largest_magnitude([mean, mean * (1 - decay), newest * (1 - decay)]),
        )

    def step(state: Mapping[str, Real], gradient: Real, number: int) -> State:
        mean = running(state["momentum"], gradient, decay_1)
        square = running(state["velocity"], gradient * gradient, decay_2)
        after = {"momentum": mean, "velocity": square}
        spread = square.value
        if amsgrad:
            spread = largest([state["velocity_hat"], spread])
            after["velocity_hat"] = Exact(spread, square.term)
        alpha = rate * mp.sqrt(1 - decay_2**number) / (1 - decay_1**number)
        change = alpha * mean.value / (mp.sqrt(spread) + real(epsilon))
        return {"weight": _sum(state["weight"], -change), **after}

    return step


def rmsprop(
    rate: Real,
    rho: float = 0.9,
    momentum: float = 0.0,
    epsilon: float = 1e-7,
    centered: bool = False,
) -> Step:
    """weight -= rate * gradient / sqrt(v + epsilon); centered, v is less its mean's square."""
    decay = real(rho)

    def step(state: Mapping[str, Real], gradient: Real, number: int) -> State:
        square = _sum(decay * state["velocity"], (1 - decay) * gradient * gradient)
        after = {"velocity": square}
        spread = square.value
        if centered:
            mean = _sum(decay * state["average_gradient"], (1 - decay) * gradient)
            after["average_gradient"] = mean
            spread -= mean.value**2
        change = rate * gradient / mp.sqrt(spread + real(epsilon))
        if momentum:
            total = _sum(real(momentum) * state["momentum"], change)
            after["momentum"] = total
            change = total.value
        return {"weight": _sum(state["weight"], -change), **after}

    return step
