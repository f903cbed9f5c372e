"""Train the small MLP of the Keras tutorials on handwritten digits, and draw what it learned.

    python examples/mnist_mlp.py
    python examples/mnist_mlp.py --optimizer adam --data digits --no-plot

Change one import to `import keras`, and the same script runs on Keras, with the same log.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

import minidense as keras
from minidense.datasets import digits, mnist


def main():
    """Load, build, train, measure, draw."""
    args = parse_arguments()
    keras.utils.set_random_seed(args.seed)

    data_name, (x_train, y_train), (x_test, y_test) = load(args.data)
    x_train = x_train / 255  # (n, 28, 28), from 0, the paper, to 1, the ink
    x_test = x_test / 255

    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),  # (n, 28, 28) -> (n, 784)
            keras.layers.Dense(128, activation="relu"),  # -> (n, 128)
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10, activation="softmax"),  # -> (n, 10), each row adds up to 1
        ]
    )
    model.summary()
    first_kernel = model.layers[1].kernel.numpy()  # (784, 128), as the seed has it

    model.compile(args.optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    log = model.fit(
        x_train,
        y_train,
        batch_size=args.batch_size,
        epochs=args.epochs,
        validation_data=(x_test, y_test),  # measured after each epoch, never trained on
        verbose=1 if sys.stdout.isatty() else 2,  # a moving bar only where it can move
    )
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"Test accuracy: {accuracy:.2%} on {len(y_test):,} images (loss {loss:.4f}).")

    if not args.no_plot:
        title = f"An MLP 784-128-10 on {data_name}: test accuracy {accuracy:.2%}"
        title += f"\noptimizer {args.optimizer}, seed {args.seed}, batch size {args.batch_size}"
        probabilities = model.predict(x_test, verbose=0)  # (n, 10)
        kernel = model.layers[1].kernel.numpy()
        draw(args.plot, title, log.history, x_test, y_test, probabilities, kernel, first_kernel)


def parse_arguments():
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description="A small MLP learns to read digits.")
    parser.add_argument("--seed", type=whole_number(0), default=42, help="default: 42")
    parser.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd", help="default: sgd")
    parser.add_argument("--epochs", type=whole_number(1), default=5, help="default: 5")
    parser.add_argument("--batch-size", type=whole_number(1), default=32, help="default: 32")
    about = "default: auto, which is MNIST, or the embedded digits where MNIST cannot be had"
    parser.add_argument("--data", choices=["auto", "mnist", "digits"], default="auto", help=about)
    plot = parser.add_mutually_exclusive_group()
    about = "file for the picture, default: mnist_mlp.png"
    plot.add_argument("--plot", type=Path, metavar="PATH", default="mnist_mlp.png", help=about)
    plot.add_argument("--no-plot", action="store_true", help="draw nothing")
    args = parser.parse_args()
    if not args.plot.parent.is_dir():  # better said now than after the training
        parser.error(f"argument --plot: there is no folder '{args.plot.parent}'")
    return args


def whole_number(least, most=2**32 - 1):
    """Return a type for argparse: the whole numbers between two bounds."""

    def convert(text):
        if not text.isdecimal() or not least <= int(text) <= most:
            wish = f"expected a whole number from {least} to {most}"
            raise argparse.ArgumentTypeError(f"{wish}, received {text!r}")
        return int(text)

    return convert


def load(wish):
    """Return the name of the data, (images, labels) to train on, and (images, labels) to test."""
    if wish == "digits":
        print("Data: the embedded digits, as asked for.")
        return "the embedded digits", *digits.load_data()
    try:
        data = mnist.load_data()
    except (OSError, ValueError) as error:  # no network, no folder, or a file that is not MNIST
        if wish == "mnist":
            sys.exit(f"MNIST cannot be had. {error}")
        print(f"Data: the embedded digits, since MNIST cannot be had. {error}")
        return "the embedded digits", *digits.load_data()
    print("Data: MNIST.")
    return "MNIST", *data


BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#BBBBBB"  # the colour-blind tell them apart, too


def draw(path, title, history, images, labels, probabilities, kernel, first_kernel):
    """Save one picture: learning curves, sixteen digits with their probabilities, and weights."""
    try:
        from matplotlib.figure import Figure  # pyplot would need a backend and keep a state
    except ImportError:
        print("The picture needs matplotlib: `pip install matplotlib` brings it.")
        return
    figure = Figure(figsize=(14, 13.4))
    left, right = 0.055, 0.985
    figure.text(left, 0.966, title, fontsize=17, linespacing=1.5, va="center")

    # Learning: the epochs to the right, training and test rows in one panel.
    epochs = range(1, len(history["loss"]) + 1)
    panels = figure.add_gridspec(1, 2, left=left, right=right, top=0.908, bottom=0.73, wspace=0.11)
    for panel, name in zip(panels, ["loss", "accuracy"], strict=True):
        axes = figure.add_subplot(panel)
        axes.plot(epochs, history[name], "o-", color=BLUE, label="training, with dropout")
        axes.plot(epochs, history[f"val_{name}"], "s--", color=ORANGE, label="test")
        axes.set(xlabel="epoch", xlim=(0.8, len(epochs) + 0.2))
        axes.set_title(name.capitalize(), fontsize=13, loc="left")
        axes.locator_params("x", integer=True, min_n_ticks=1)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#E5E5E5")
        axes.legend(frameon=False, fontsize=11)

    # Sixteen test digits: the first that are read right, then up to six that are read wrong.
    is_right = probabilities.argmax(axis=1) == labels
    wrong = np.flatnonzero(~is_right)
    chosen = [*np.flatnonzero(is_right)[: 16 - len(wrong[:6])], *wrong[:6]]
    shown = len(wrong[:6])
    heading = f"Test digits: {16 - shown} read right, {shown} of the {len(wrong):,} read wrong"
    figure.text(left, 0.664, heading, fontsize=13)
    key = (
        "Bars: the probability of each class. In colour: the highest. With a black edge: the truth."
    )
    figure.text(right, 0.664, key, fontsize=11, ha="right")
    cells = figure.add_gridspec(2, 8, left=left, right=right, top=0.632, bottom=0.228, hspace=0.37)
    for cell, index in zip(cells, chosen, strict=False):
        digit, bars = cell.subgridspec(2, 1, height_ratios=[2.1, 1], hspace=0.06).subplots()
        draw_digit(digit, bars, images[index], labels[index], probabilities[index])

    # The first layer: each of its units has one weight for each pixel.
    heading = (
        "Sixteen of the 128 hidden units: a weight for each pixel, and what training added to it"
    )
    figure.text(left, 0.172, heading, fontsize=13)
    units = figure.add_gridspec(2, 16, left=left, right=right, top=0.155, bottom=0.03)
    limit = np.quantile(np.abs(kernel), 0.999)
    rows = {"weights": kernel, "added": kernel - first_kernel}
    for row, (name, values) in enumerate(rows.items()):
        for unit in range(16):
            axes = figure.add_subplot(units[row, unit])
            image = axes.imshow(values[:, unit].reshape(28, 28), "PuOr", vmin=-limit, vmax=limit)
            axes.set(xticks=[], yticks=[], ylabel=name if unit == 0 else None)
    scale = figure.add_axes((right - 0.18, 0.179, 0.18, 0.009))
    figure.colorbar(image, cax=scale, orientation="horizontal").locator.set_params(nbins=4)
    figure.savefig(path, dpi=100)
    print(f"The picture is in {path}.")


def draw_digit(digit, bars, image, label, probabilities):
    """Draw an image (28, 28) in one panel, and its probabilities (10,) in the panel below."""
    guess = probabilities.argmax()
    colour = BLUE if guess == label else ORANGE
    verdict = "" if guess == label else f"WRONG: it is a {label}\n"
    said = f"{verdict}read as {guess} ({probabilities[guess]:.0%})"
    digit.set_title(said, color=colour, fontsize=11)
    digit.imshow(image, cmap="gray_r")
    digit.set(xticks=[], yticks=[])
    digit.spines[:].set(color=colour, linewidth=1 if guess == label else 3)
    columns = bars.bar(range(10), probabilities, color=GREY)
    columns[guess].set_facecolor(colour)
    columns[label].set(edgecolor="black", linewidth=1.5)
    bars.set(ylim=(0, 1.05), yticks=[], xticks=range(10))
    bars.spines[["top", "left", "right"]].set_visible(False)


if __name__ == "__main__":
    main()
