"""How a good call is spoiled: one thing about it is wrong, the rest is drawn good."""

from collections.abc import Iterator

from hypothesis import strategies as st

from tests.drawn_bad_calls.catalogue import PARTS_OF_CATALOGUE
from tests.drawn_bad_calls.good import Argument, Call, GoodCall
from tests.drawn_bad_calls.values import DTYPES, FILLS, SIZES, array


def good_calls(good: GoodCall) -> Iterator[Call]:
    """Yield calls of one function that together have each good value at least once."""
    arguments = {**good.needed, **good.others}
    turns = max([len(argument.good) for argument in arguments.values()] + [1])
    for turn in range(max(turns, len(good.preparations))):
        values = {name: one.good[turn % len(one.good)] for name, one in arguments.items()}
        positional = [values.pop(name) for name in good.needed]
        preparation = good.preparations[turn % len(good.preparations)]
        yield good.call(positional, values, preparation)


@st.composite
def drawn_bad_calls(draw: st.DrawFn) -> Call:
    """Draw a good call with one thing wrong."""
    part = draw(st.sampled_from(PARTS_OF_CATALOGUE))  # else most calls would make something
    kind = draw(st.sampled_from(sorted({good.kind for good in part})))
    good = draw(st.sampled_from([good for good in part if good.kind == kind]))
    ready = draw(st.sampled_from(good.preparations))
    positional = [draw(st.sampled_from(one.good)) for one in good.needed.values()]
    named = draw(some_good(good))
    how = draw(st.sampled_from([spoil for spoil in SPOILS if spoil.fits(good)]))
    wrong = how.spoil(draw, good, positional, named)
    return good.call(positional, named, ready, wrong)


def some_good(good: GoodCall) -> st.SearchStrategy[dict[str, str]]:
    """Draw good values for at most two of the arguments by name."""
    names = st.lists(st.sampled_from(sorted(good.others) or [""]), max_size=2, unique=True)
    return names.flatmap(
        lambda chosen: st.fixed_dictionaries(
            {name: st.sampled_from(good.others[name].good) for name in chosen if name}
        )
    )


def wrong_values(argument: Argument) -> st.SearchStrategy[str]:
    """Draw a value that has no meaning, or hardly any, for an argument."""
    ways = [st.sampled_from(pool) for pool in (argument.wrong, argument.anything) if pool]
    if argument.shape is not None:
        ways += [arrays(argument.shape)] * 2
    return st.one_of(ways)


@st.composite
def arrays(draw: st.DrawFn, shape: tuple[int, ...]) -> str:
    """Draw an array that is wrong in its shape, its dtype, its numbers, or several of them."""
    sizes = st.sampled_from(SIZES)
    ways = [st.just(shape), st.lists(sizes, max_size=4).map(tuple)]
    ways.append(st.tuples(*[st.one_of(st.just(size), sizes) for size in shape]))
    ways.append(st.sampled_from([shape[:-1], (*shape, 1), (1, *shape), shape[::-1]]))
    drawn = draw(st.one_of(ways))
    fill = draw(st.one_of(st.just("1"), st.sampled_from(FILLS)))
    dtype = draw(st.one_of(st.just("float32"), st.sampled_from(DTYPES)))
    return array(drawn, fill, dtype)


class Spoil:
    """One way to spoil a call."""

    def fits(self, good: GoodCall) -> bool:
        """Whether a call has what this spoils."""
        return True

    def spoil(
        self, draw: st.DrawFn, good: GoodCall, positional: list[str], named: dict[str, str]
    ) -> str:
        """Change the arguments in place; return in words what is wrong."""
        raise NotImplementedError


class WrongValue(Spoil):
    """An argument has a value without meaning."""

    def fits(self, good: GoodCall) -> bool:
        return any(one.wrong or one.anything for one in {**good.needed, **good.others}.values())

    def spoil(
        self, draw: st.DrawFn, good: GoodCall, positional: list[str], named: dict[str, str]
    ) -> str:
        arguments = {**good.needed, **good.others}
        names = [name for name, one in arguments.items() if one.wrong or one.anything]
        name = draw(st.sampled_from(names))
        value = draw(wrong_values(arguments[name]))
        if name in good.needed:
            positional[list(good.needed).index(name)] = value
        else:
            named[name] = value
        return f"{name}={value}"


class Missing(Spoil):
    """A needed argument is left out, so the others move up."""

    def fits(self, good: GoodCall) -> bool:
        return bool(good.needed)

    def spoil(
        self, draw: st.DrawFn, good: GoodCall, positional: list[str], named: dict[str, str]
    ) -> str:
        place = draw(st.integers(0, len(positional) - 1))
        del positional[place]
        return f"{list(good.needed)[place]} is missing"


class Swapped(Spoil):
    """Two needed arguments change places."""

    def fits(self, good: GoodCall) -> bool:
        return len(good.needed) > 1

    def spoil(
        self, draw: st.DrawFn, good: GoodCall, positional: list[str], named: dict[str, str]
    ) -> str:
        positional[-2:] = reversed(positional[-2:])
        return "two arguments are swapped"


class Unknown(Spoil):
    """There is an argument that the function does not have, or has under another name."""

    def spoil(
        self, draw: st.DrawFn, good: GoodCall, positional: list[str], named: dict[str, str]
    ) -> str:
        known = sorted({**good.needed, **good.others})
        name = draw(st.sampled_from(["foo", *(f"{each}s" for each in known)]))
        named[name] = draw(st.sampled_from(["1", "None", "'nope'"]))
        return f"there is no {name}"


class Twice(Spoil):
    """A needed argument is given by position and by name."""

    def fits(self, good: GoodCall) -> bool:
        return bool(good.needed)

    def spoil(
        self, draw: st.DrawFn, good: GoodCall, positional: list[str], named: dict[str, str]
    ) -> str:
        place = draw(st.integers(0, len(positional) - 1))
        name = list(good.needed)[place]
        named[name] = positional[place]
        return f"{name} is given twice"


SPOILS: list[Spoil] = [*[WrongValue()] * 12, Missing(), Swapped(), Unknown(), Twice()]
"""The ways, each as often as it is drawn."""
