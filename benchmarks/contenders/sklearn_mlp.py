"""scikit-learn's MLPClassifier. It has no dropout, and counts no accuracy while it trains."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.contenders import LEARNING_RATE, Work
from benchmarks.workloads import CLASSES, Workload, data


def prepare(
    workload: Workload, rows: tuple[np.ndarray, np.ndarray], argument: str, device: str
) -> Work:
    """Set up the classifier; to predict, it is trained for one epoch on some rows first."""
    x, y = rows
    adam = workload.optimizer == "adam"
    classifier = MLPClassifier(
        hidden_layer_sizes=workload.hidden,
        solver="adam" if adam else "sgd",
        alpha=0,
        batch_size=min(workload.batch, len(x)),
        learning_rate_init=LEARNING_RATE[workload.optimizer],
        momentum=0.9 if workload.optimizer == "momentum" else 0.0,
        nesterovs_momentum=False,
        max_iter=1,
        warm_start=True,
        random_state=0,
    )
    warnings.simplefilter("ignore", ConvergenceWarning)  # one epoch is what is asked for

    def fit() -> float:
        return float(classifier.fit(x, y).loss_)

    if workload.kind == "fit":
        return fit
    some = Workload("to learn from", rows=100 * CLASSES, shape=workload.shape)
    classifier.set_params(batch_size=32).fit(*data(some))
    starts = range(0, len(x), workload.batch)
    return lambda: np.concatenate(
        [classifier.predict_proba(x[start : start + workload.batch]) for start in starts]
    )
