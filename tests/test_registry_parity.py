"""Parts in configurations: what `serialize` writes, and what `get` and `deserialize` read."""

import json

import numpy as np
import pytest

from tests.in_both import attempt, in_both

PARTS = {
    "losses": [
        lambda k: k.losses.MeanSquaredError(),
        lambda k: k.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum"),
        lambda k: k.losses.CategoricalCrossentropy(label_smoothing=0.1, name="mine"),
        lambda k: k.losses.BinaryCrossentropy(),
        lambda k: k.losses.mean_squared_error,
    ],
    "metrics": [
        lambda k: k.metrics.Mean(dtype="float64"),
        lambda k: k.metrics.Accuracy(),
        lambda k: k.metrics.BinaryAccuracy(threshold=0.75),
        lambda k: k.metrics.CategoricalAccuracy(name="mine"),
        lambda k: k.metrics.SparseCategoricalAccuracy(),
        lambda k: k.metrics.BinaryCrossentropy(label_smoothing=0.25),
        lambda k: k.metrics.CategoricalCrossentropy(from_logits=True),
        lambda k: k.metrics.SparseCategoricalCrossentropy(),
        lambda k: k.metrics.MeanSquaredError(),
        lambda k: k.metrics.MeanMetricWrapper(k.losses.mean_squared_error, name="mine"),
    ],
    "optimizers": [
        lambda k: k.optimizers.SGD(),
        lambda k: k.optimizers.SGD(0.5, momentum=0.9, nesterov=True, name="mine"),
        lambda k: k.optimizers.Adam(0.25, amsgrad=True),
        lambda k: k.optimizers.RMSprop(centered=True),
    ],
    "initializers": [
        lambda k: k.initializers.Zeros(),
        lambda k: k.initializers.Constant(2.5),
        lambda k: k.initializers.Constant(np.float64([1, 2])),
        lambda k: k.initializers.RandomUniform(-1.0, 1.0, seed=3),
        lambda k: k.initializers.GlorotUniform(),
        lambda k: k.initializers.HeUniform(k.random.SeedGenerator(3, name="mine")),
    ],
    "activations": [
        lambda k: k.activations.relu,
        lambda k: k.activations.linear,
        lambda k: k.layers.ReLU(max_value=2.0, name="mine"),
    ],
}


@pytest.mark.parametrize(
    ("module", "number"),
    [(module, i) for module, parts in PARTS.items() for i in range(len(parts))],
)
def test_a_part_is_written_and_read_as_in_keras(module, number):
    @in_both
    def script(k):
        part = PARTS[module][number](k)
        written = getattr(k, module).serialize(part)
        read = json.loads(json.dumps(written))
        find = getattr(k, module)
        again = [find.get(read), find.deserialize(read)] if module != "activations" else []
        return json.dumps(written), [getattr(k, module).serialize(each) for each in again]

    script()


class Doubled:
    """A user's own part."""

    def __init__(self, factor=2.0):
        self.factor = factor

    def __call__(self, *args):
        return args[0] * self.factor

    def get_config(self):
        return {"factor": self.factor}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def distance(y_true, y_pred):
    return abs(y_true - y_pred)


@pytest.mark.parametrize("module", ["losses", "metrics", "initializers", "activations"])
def test_a_users_part_is_written_and_read_with_custom_objects(module):
    @in_both
    def script(k):
        find = getattr(k, module)
        written = [find.serialize(Doubled(3.0)), find.serialize(distance)]
        own = {"Doubled": Doubled, "distance": distance}
        read = [find.deserialize(each, custom_objects=own) for each in written]
        named = [find.deserialize(name, custom_objects=own) is own[name] for name in own]
        return written, read[0].factor, read[1] is distance, named

    script()


@pytest.mark.parametrize("module", ["losses", "metrics", "initializers", "optimizers"])
def test_a_dict_of_no_name_is_refused_as_any_other_name_that_nothing_has(module):
    @in_both
    def script(k):
        return attempt(lambda: getattr(k, module).get({"class_name": "", "config": {}}))

    script()


@pytest.mark.parametrize("config", ["{'learning_rate': 0.5}", "None", "{'nope': 1}", "5"])
@pytest.mark.parametrize("name", ["SGD", "sgd", "ADAM", "nope"])
def test_compile_takes_an_optimizer_as_a_dict(name, config):
    @in_both
    def script(k):
        model = k.Sequential([k.Input((2,)), k.layers.Dense(1)])
        identifier = {"class_name": name, "config": eval(config)}
        refused = attempt(lambda: model.compile(identifier, "mse"))
        if refused is None:
            x = np.ones((4, 2), "float32")
            model.fit(x, x[:, :1], verbose=0)
        return refused, getattr(getattr(model, "optimizer", None), "name", None)

    script()
