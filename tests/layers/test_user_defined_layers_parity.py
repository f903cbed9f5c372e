"""Layers of a user's own: one script, run by Keras and by minidense, with the same facts."""

from functools import partial

import numpy as np

from tests.in_both import attempt, in_both, rows


def doubled_dense(k):
    """A subclass of Dense that overrides `call`."""

    class Doubled(k.layers.Dense):
        def call(self, inputs, training=None):
            return super().call(inputs) * 2

    return Doubled


def scale_layer(k):
    """A layer with a weight that is trained and a counter that is not."""

    class Scale(k.layers.Layer):
        def build(self, input_shape):
            self.count = self.add_weight(initializer="zeros", trainable=False, name="count")
            self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")

        def call(self, inputs):
            return inputs * k.initializers.Ones()(self.scale.shape)

    return Scale


def sees_training(k):
    """A layer whose output tells what it was told about `training`."""

    class Sees(k.layers.Layer):
        def call(self, inputs, training=None):
            return inputs * {None: 2.0, False: 3.0, True: 5.0}[training]

    return Sees


def composite(k, call):
    """A layer with two others inside, `first` and `second`, that see `training`."""

    class Composite(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.first, self.second = sees_training(k)(), sees_training(k)()

    Composite.call = call
    return Composite()


def three_ways(layer):
    """Return the outputs for no word about `training`, for False and for True."""
    inputs = rows(2, 3)
    return [layer(inputs), layer(inputs, training=False), layer(inputs, training=True)]


# The own `call`


@in_both
def test_a_layer_with_only_a_call_is_called(k):
    class Double(k.layers.Layer):
        def call(self, inputs):
            return inputs * 2

    return Double()(rows(2, 3))


@in_both
def test_a_layer_without_a_call_raises(k):
    class Nothing(k.layers.Layer):
        pass

    return attempt(lambda: Nothing()(rows(2, 3)))


@in_both
def test_further_arguments_of_call_go_by_keyword(k):
    class Times(k.layers.Layer):
        def call(self, inputs, factor=1):
            return inputs * factor

    return [Times()(rows(2, 3)), Times()(rows(2, 3), factor=3)]


@in_both
def test_an_argument_that_call_does_not_have_raises(k):
    class Times(k.layers.Layer):
        def call(self, inputs, factor=1):
            return inputs * factor

    return attempt(lambda: Times()(rows(2, 3), fctor=3))


@in_both
def test_call_takes_and_gives_lists_and_dicts(k):
    class Both(k.layers.Layer):
        def call(self, inputs):
            left, right = inputs["left"], inputs["right"]
            return {"sum": left + right, "difference": [left - right]}

    made = Both()({"left": rows(2, 3), "right": rows(1, 3)})
    return [sorted(made), made["sum"], made["difference"]]


@in_both
def test_an_init_that_forgets_the_parents_raises(k):
    class Forgets(k.layers.Layer):
        def __init__(self):
            self.factor = 3

        def call(self, inputs):
            return inputs * self.factor

    return attempt(lambda: Forgets()(rows(2, 3)))


@in_both
def test_a_dense_with_an_overridden_call_works_alone_and_in_a_model(k):
    model = k.Sequential([k.Input((3,)), doubled_dense(k)(2)])
    weights = [rows(3, 2), rows(2)]
    model.set_weights(weights)
    alone = doubled_dense(k)(2)
    alone.build((None, 3))
    alone.set_weights(weights)
    return [model(rows(4, 3)), model.predict(rows(4, 3), verbose=0), alone(rows(4, 3))]


@in_both
def test_whole_numbers_from_a_layer_are_floats_for_the_next_dense(k):
    class Rounded(k.layers.Layer):
        def call(self, inputs):
            return inputs.astype("int64") if hasattr(inputs, "astype") else k.ops.cast(inputs, int)

    model = k.Sequential([k.Input((3,)), Rounded(), k.layers.Dense(2, kernel_initializer="ones")])
    return model(9 * rows(2, 3))


# What `training` is inside


@in_both
def test_training_is_what_the_call_was_told(k):
    return three_ways(sees_training(k)())


@in_both
def test_training_reaches_the_layers_inside_though_the_outer_has_no_such_argument(k):
    def call(self, inputs):
        return self.second(self.first(inputs))

    return three_ways(composite(k, call))


@in_both
def test_a_default_of_the_outer_call_reaches_the_layers_inside(k):
    def call(self, inputs, training=True):
        return self.second(self.first(inputs))

    return three_ways(composite(k, call))


@in_both
def test_what_one_inner_layer_is_told_holds_for_those_after_it(k):
    def call(self, inputs):
        return self.second(self.first(inputs, training=True))

    return three_ways(composite(k, call))


@in_both
def test_training_false_inside_holds_for_those_after_it_too(k):
    def call(self, inputs):
        return self.second(self.first(inputs, training=False))

    return three_ways(composite(k, call))


@in_both
def test_a_call_that_fails_leaves_nothing_behind(k):
    class Fails(k.layers.Layer):
        def call(self, inputs, training=None):
            raise ArithmeticError

    try:
        Fails()(rows(2, 3), training=True)
    except ArithmeticError:
        return sees_training(k)()(rows(2, 3))


@in_both
def test_training_reaches_a_model_inside_a_layer(k):
    class Holds(k.layers.Layer):
        def __init__(self):
            super().__init__()
            inputs = k.Input((3,))
            self.model = k.Model(inputs, sees_training(k)()(inputs))

        def call(self, inputs):
            return self.model(inputs)

    return three_ways(Holds())


@in_both
def test_dropout_inside_a_layer_is_at_work_in_training_only(k):
    class Drops(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.dropout = k.layers.Dropout(0.5)

        def call(self, inputs):
            return self.dropout(inputs)

    layer = Drops()
    return [three_ways(layer), three_ways(layer)]


# Weights


def facts(layer):
    """Names, shapes and values of the weights, and which of them are trained."""
    return [
        [weight.name for weight in layer.weights],
        [tuple(weight.shape) for weight in layer.weights],
        [weight.name for weight in layer.trainable_weights],
        [weight.name for weight in layer.non_trainable_weights],
        layer.count_params(),
    ]


def values(layer):
    """The weights as arrays: those without axes are NumPy's scalars in Keras."""
    return [np.asarray(value) for value in layer.get_weights()]


@in_both
def test_trained_weights_are_listed_first(k):
    layer = scale_layer(k)()
    layer(rows(2, 3))
    return facts(layer)


@in_both
def test_freezing_and_thawing_leaves_a_counter_untrained(k):
    layer = scale_layer(k)()
    layer(rows(2, 3))
    layer.trainable = False
    frozen = facts(layer)
    layer.trainable = True
    return [frozen, facts(layer)]


@in_both
def test_a_layer_frozen_from_the_start_can_be_thawed(k):
    layer = k.layers.Dense(2, trainable=False)
    layer.build((None, 3))
    frozen = [layer.kernel.trainable, facts(layer)]
    layer.trainable = True
    return [frozen, layer.kernel.trainable, facts(layer)]


@in_both
def test_freezing_one_weight_does_not_move_it_in_the_list(k):
    layer = k.layers.Dense(2)
    layer.build((None, 3))
    layer.kernel.trainable = False
    return facts(layer)


@in_both
def test_a_subclass_adds_a_weight_after_its_parents_build(k):
    class Scaled(k.layers.Dense):
        def build(self, input_shape):
            super().build(input_shape)
            self.scale = self.add_weight((self.units,), "ones", name="scale")

    layer = Scaled(2)
    layer(rows(2, 3))
    return facts(layer)


@in_both
def test_variables_that_are_attributes_are_weights(k):
    class Owns(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.one = k.Variable(rows(3), name="one")
            self.more = [k.Variable(rows(2), name="two"), k.Variable(rows(1), name="three")]

        def call(self, inputs):
            return inputs

    layer = Owns()
    layer(rows(2, 3))
    return facts(layer)


@in_both
def test_add_weight_takes_its_arguments_in_each_form(k):
    class Many(k.layers.Layer):
        def build(self, input_shape):
            self.add_weight((2,), "ones", name="a")
            self.add_weight(name="b", initializer="zeros")
            self.add_weight(shape=(1,), dtype="int32", name="c")
            self.add_weight(shape=(2, 2), initializer=None, name="d")
            self.add_weight((3,), "ones", "float64", name="e", regularizer=None, constraint=None)

        def call(self, inputs):
            return inputs

    layer = Many()
    layer(rows(2, 3))
    return [facts(layer), [str(weight.dtype) for weight in layer.weights], values(layer)]


@in_both
def test_a_weight_cannot_be_added_to_a_built_layer(k):
    layer = k.layers.Dense(2)
    layer.build((None, 3))
    return [attempt(lambda: layer.add_weight((2,))), facts(layer)]


@in_both
def test_a_layer_is_not_built_twice(k):
    layer = k.layers.Dense(2)
    layer.build((None, 3))
    return [attempt(lambda: layer.build((None, 3))), facts(layer)]


@in_both
def test_weights_of_layers_inside_come_in_the_order_in_which_they_were_set(k):
    class Holds(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.replaced = k.layers.Dense(7)
            self.alone = k.layers.Dense(3)
            self.listed = [k.layers.Dense(2), (k.layers.Dense(1),)]
            self.named = {"z": k.layers.Dense(4), "a": k.layers.Dense(5)}
            self.replaced = k.layers.Dense(6)

        def build(self, input_shape):
            self.own = self.add_weight((2,), "zeros", name="own")

        def call(self, inputs):
            two, (one,) = self.listed
            made = self.named["a"](self.named["z"](one(two(self.alone(inputs)))))
            return self.replaced(made)

    layer = Holds()
    return [layer(rows(2, 3)), facts(layer), layer.get_weights()]


@in_both
def test_a_layer_held_twice_has_its_weights_once(k):
    class Holds(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.one = k.layers.Dense(3)
            self.same = self.one

        def call(self, inputs):
            return self.same(self.one(inputs))

    layer = Holds()
    return [layer(rows(2, 3)), facts(layer)]


@in_both
def test_a_dropouts_seed_is_a_variable_but_no_weight(k):
    layer = k.layers.Dropout(0.5, seed=3)
    layer(rows(2, 3), training=True)
    return [
        facts(layer),
        [variable.numpy() for variable in layer.variables],
        [variable.numpy() for variable in layer.non_trainable_variables],
        layer.trainable_variables,
    ]


@in_both
def test_what_set_weights_was_given_is_what_get_weights_returns(k):
    layer = scale_layer(k)()
    layer.build((None, 3))
    layer.set_weights([rows(3), rows()])
    return values(layer)


@in_both
def test_an_own_configuration_makes_an_equal_layer(k):
    class Times(k.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, inputs):
            return inputs * self.factor

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    twin = Times.from_config(Times(3, name="times", trainable=False).get_config())
    return [twin.get_config(), twin(rows(2, 3))]


# Variables that a layer makes itself, and what it may have once it is built


def makes_variables(k):
    """A layer that makes Variables in `build`: one alone, some in a list, one by add_weight."""

    class Makes(k.layers.Layer):
        def __init__(self):
            super().__init__(name="makes")
            self.listed = []

        def build(self, input_shape):
            self.first = k.Variable(rows(3), name="first")
            self.made = k.Variable(
                initializer=k.initializers.Ones(), shape=(2,), dtype="float32", name="made"
            )
            self.added = self.add_weight((1,), "ones", name="added")
            self.listed.append(k.Variable(rows(2), name="listed"))
            self.named = k.Variable(rows(2), trainable=False)
            self.seeds = k.random.SeedGenerator(3)

        def call(self, inputs):
            return inputs

    return Makes()


def where(layer):
    """Return the paths of what a layer or model has, and whether it is trained."""
    found = [layer.weights, layer.trainable_weights, layer.non_trainable_weights, layer.variables]
    return [[[each.path, each.name, each.trainable] for each in some] for some in found]


@in_both
def test_variables_made_in_build_are_weights_with_the_path_of_the_layer(k):
    alone = makes_variables(k)
    alone.build((None, 3))
    called = makes_variables(k)
    k.Sequential([called], name="row")(rows(2, 3))
    inputs = k.Input((3,))
    model = k.Model(inputs, makes_variables(k)(inputs))
    outside = k.Variable(1.0, name="outside").path
    return [where(alone), where(called), where(model), model.get_weights(), outside]


@in_both
def test_a_deleted_variable_is_no_weight_any_more(k):
    layer = makes_variables(k)
    layer.build((None, 3))
    del layer.first
    return [where(layer), attempt(lambda: layer.first)]


@in_both
def test_a_layer_that_is_built_takes_no_more_weights_or_layers(k):
    def has_call(base):
        class Own(base):
            def __init__(self):
                super().__init__()
                self.inner = k.layers.Dense(2)

            def call(self, inputs):
                return self.inner(inputs)

        return Own()

    def with_input():
        return k.Sequential([k.Input((3,)), k.layers.Dense(2)])

    def functional():
        inputs = k.Input((3,))
        return k.Model(inputs, k.layers.Dense(2)(inputs))

    made = [
        lambda: has_call(k.layers.Layer),
        lambda: has_call(k.Model),
        lambda: k.layers.Dense(2),
        k.layers.ReLU,
        lambda: k.layers.Dropout(0.5),
        lambda: k.Sequential([k.layers.Dense(2)]),
        with_input,
        functional,
    ]
    parts = [
        lambda: k.Variable(rows(2)),
        lambda: k.layers.Dense(1),
        lambda: [k.layers.Dense(1)],
        lambda: {"a": k.Variable(rows(2))},
        lambda: 3,
    ]
    found = []
    for make in made:
        for part in parts:
            new, used = make(), make()
            used(rows(2, 3))
            found += [attempt(partial(setattr, each, "more", part())) for each in (new, used)]
    again = has_call(k.Model)
    again(rows(2, 3))
    again.inner = again.inner
    return [found, len(again.weights)]


@in_both
def test_a_variable_is_made_by_an_initializer_of_a_shape(k):
    def zeros(shape, dtype):
        return np.zeros(shape, dtype)

    return [
        attempt(lambda: k.Variable(zeros)),
        k.Variable(zeros, (2, 1)).numpy(),
        k.Variable(zeros, shape=(2,), dtype="float64").numpy(),
        k.Variable(k.initializers.RandomUniform(seed=3), (2, 2)).numpy(),
        k.Variable([1.0, 2.0], (2,)).numpy(),
    ]
