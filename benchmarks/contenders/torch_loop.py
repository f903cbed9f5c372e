"""The loop that one writes in PyTorch: modules, autograd, an optimizer."""

import numpy as np
import torch
from torch import nn

from benchmarks.contenders import LEARNING_RATE, Work
from benchmarks.workloads import CLASSES, DROPOUT, Workload


def prepare(
    workload: Workload, rows: tuple[np.ndarray, np.ndarray], argument: str, device: str
) -> Work:
    """Build the modules and put the rows on the device."""
    torch.manual_seed(0)
    place = torch.device("cuda" if device == "gpu" else "cpu")
    x, y = (torch.from_numpy(array).to(place) for array in rows)
    model = mlp(workload).to(place)
    if workload.kind == "fit":
        return training(workload, model, x, y)
    model.eval()

    @torch.inference_mode()
    def predict() -> np.ndarray:
        starts = range(0, len(x), workload.batch)
        parts = [model(x[start : start + workload.batch]).softmax(dim=1) for start in starts]
        return torch.cat(parts).cpu().numpy()

    @torch.inference_mode()
    def call() -> np.ndarray:  # a row comes as an array of NumPy's, and so do the outputs
        return model(torch.from_numpy(rows[0]).to(place)).softmax(dim=1).cpu().numpy()

    return call if workload.kind == "call" else predict


def mlp(workload: Workload) -> nn.Sequential:
    """Linear, ReLU and Dropout in turn, then the logits."""
    modules: list[nn.Module] = []
    *hidden, (_, features, units) = workload.layers()
    for _, features_above, units_above in hidden:
        modules += [nn.Linear(features_above, units_above), nn.ReLU(), nn.Dropout(DROPOUT)]
    modules += [nn.Flatten(), nn.Linear(features, units)]
    assert units == CLASSES
    for module in modules:
        if isinstance(module, nn.Linear):  # as Keras draws them
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
    return nn.Sequential(*modules)


def training(workload: Workload, model: nn.Sequential, x: torch.Tensor, y: torch.Tensor) -> Work:
    rate = LEARNING_RATE[workload.optimizer]
    optimizer: torch.optim.Optimizer
    if workload.optimizer == "adam":
        optimizer = torch.optim.Adam(model.parameters(), rate)
    else:
        momentum = 0.9 if workload.optimizer == "momentum" else 0.0
        optimizer = torch.optim.SGD(model.parameters(), rate, momentum=momentum)
    criterion = nn.CrossEntropyLoss()

    def epoch() -> float:
        model.train()
        total = torch.zeros((), device=x.device)
        right = torch.zeros((), device=x.device)
        for indices in torch.randperm(len(x), device=x.device).split(workload.batch):
            batch, targets = x[indices], y[indices]
            optimizer.zero_grad()
            logits = model(batch)
            loss = criterion(logits, targets)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(indices)
            right += (logits.argmax(dim=1) == targets).sum()
        assert 0 <= right.item() <= len(x)  # read, as a log reads it
        return total.item() / len(x)

    return epoch
