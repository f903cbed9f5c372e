"""The picture in the design: imports go down only, and NumPy is all that is imported."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import minidense

PACKAGE = Path(minidense.__file__).parent
NAMES = ["minidense", *(m.name for m in pkgutil.walk_packages(minidense.__path__, "minidense."))]

# Top first; a module belongs to the tier with the longest matching prefix.
TIERS = {
    "face": ["minidense"],
    "oracle": ["minidense.parity"],
    "models": ["minidense.models", "minidense.training", "minidense.callbacks"],
    "views": [
        "minidense.summary",
        "minidense.training.progress",
        "minidense.datasets",
        "minidense.utils",
    ],
    "parts": [
        "minidense.layers",
        "minidense.losses",
        "minidense.metrics",
        "minidense.optimizers",
        "minidense.activations",
        "minidense.initializers",
    ],
    "graph": ["minidense.graph"],
    "engine": ["minidense.autodiff", "minidense.ops", "minidense.engine"],
    "ground": [
        "minidense.numerics",
        "minidense.random",
        "minidense.checks",
        "minidense.config",
        "minidense.conversion",
        "minidense.dtypes",
        "minidense.locks",
        "minidense.mode",
        "minidense.names",
        "minidense.nest",
        "minidense.paths",
        "minidense.registry",
        "minidense.tensors",
        "minidense.typing",
        "minidense.variables",
    ],
}
ORDER = list(TIERS)


def tier_of(module: str) -> str:
    fitting = [
        (len(prefix), tier)
        for tier, prefixes in TIERS.items()
        for prefix in prefixes
        if module == prefix or (prefix != "minidense" and module.startswith(prefix + "."))
    ]
    assert fitting, f"{module} has no tier: give it one in TIERS"
    return max(fitting)[1]


def path_of(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imports_of(source: str) -> Iterator[str]:
    """Yield the modules that a source imports, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:  # `from minidense import checks` imports minidense.checks
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in NAMES else str(node.module)


EDGES = [
    (module, imported)
    for module in NAMES
    for imported in imports_of(path_of(module).read_text(encoding="utf-8"))
    if imported.split(".")[0] == "minidense"
]


def rises(module: str, imported: str) -> bool:
    return ORDER.index(tier_of(imported)) < ORDER.index(tier_of(module))


def cycle_in(edges: list[tuple[str, str]]) -> list[str]:
    """Return modules that import each other in a ring, the first again at the end; or []."""
    finished: set[str] = set()

    def visit(module: str, trail: list[str]) -> list[str]:
        if module in trail:
            return [*trail[trail.index(module) :], module]
        if module in finished:
            return []
        for importer, imported in edges:
            if importer == module and (ring := visit(imported, [*trail, module])):
                return ring
        finished.add(module)
        return []

    return next((ring for module, _ in edges if (ring := visit(module, []))), [])


def test_every_module_has_a_tier() -> None:
    assert len(NAMES) > 40
    assert {tier_of(module) for module in NAMES} == set(TIERS)


def test_imports_go_down_only() -> None:
    rising = [edge for edge in EDGES if rises(*edge)]
    assert not rising, f"imports that go up: {rising}"


def test_no_module_imports_itself_through_others() -> None:
    assert not cycle_in(EDGES)


def test_random_knows_nothing_of_networks() -> None:
    seen = {
        imported.split(".")[1]
        for module, imported in EDGES
        if module.startswith("minidense.random") and "." in imported
    }
    ground = {"checks", "typing", "variables", "config", "names", "paths", "numerics"}
    assert seen <= ground | {"random"}


def test_operations_and_the_engine_know_nothing_of_layers_or_names() -> None:
    seen = {
        imported
        for module, imported in EDGES
        if module.startswith(("minidense.ops", "minidense.engine", "minidense.numerics"))
    }
    assert not {name for name in seen if name.startswith(("minidense.layers", "minidense.names"))}
    assert "minidense.numerics.products" in seen


def private_imports(source: str) -> list[str]:
    """Return the private names that a source takes from other modules of the package."""
    return [
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("minidense")
        for alias in node.names
        if alias.name.startswith("_")
    ]


@pytest.mark.parametrize("module", NAMES)
def test_no_module_takes_a_private_name_from_another(module: str) -> None:
    assert not private_imports(path_of(module).read_text(encoding="utf-8"))
    assert private_imports("from minidense.layers.layer import Layer, _unpack") == [
        "minidense.layers.layer._unpack"
    ]


def test_nesting_stands_in_one_file_that_knows_no_tensors() -> None:
    assert not [edge for edge in EDGES if edge[0] == "minidense.nest"]


PUBLIC = {
    *(name for name in NAMES if path_of(name).name == "__init__.py"),
    *(f"minidense.{name}" for name in ("activations", "initializers", "config", "utils")),
    *("minidense.datasets.digits", "minidense.datasets.mnist", "minidense.ops.linalg"),
} - {"minidense.checks"}
"""Where a user finds names; what else is in the package is known to the package alone."""


def test_these_tests_see_an_import_that_goes_up_and_a_ring() -> None:
    source = "def late():\n    from minidense import models\n    import minidense.losses\n"
    assert list(imports_of(source)) == ["minidense.models", "minidense.losses"]
    assert rises("minidense.layers.dense", "minidense.models")
    assert rises("minidense.ops.shapes", "minidense.layers")
    assert not rises("minidense.layers.dense", "minidense.layers.layer")
    assert cycle_in([("a", "b"), ("b", "c"), ("c", "b")]) == ["b", "c", "b"]
    assert not cycle_in([("a", "b"), ("b", "c"), ("a", "c")])


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_public_names_exist_and_stand_there_once(module: str) -> None:
    imported = importlib.import_module(module)
    if len(ast.parse(path_of(module).read_text(encoding="utf-8")).body) > 1:
        assert all(hasattr(imported, name) for name in imported.__all__)
        assert len(set(imported.__all__)) == len(imported.__all__)
        assert not [name for name in imported.__all__ if name.startswith("_")]


def test_only_public_modules_list_their_names() -> None:
    listing = {name for name in NAMES if "\n__all__ = " in path_of(name).read_text("utf-8")}
    assert listing <= PUBLIC


FRESH_IMPORT = """
import sys, numpy
before = set(sys.modules)
import minidense
new = {name.split(".")[0] for name in set(sys.modules) - before}
print(" ".join(sorted(new - set(sys.stdlib_module_names))))
"""


def test_import_needs_numpy_and_the_standard_library_only() -> None:
    command = [sys.executable, "-W", "error", "-c", FRESH_IMPORT]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert set(printed.split()) <= {"minidense", "numpy"}, printed
    assert "minidense" in printed


# What else is imported, by its users: inside functions, when they are called. `parity.keras_side`
# asks models of Keras, so whoever calls it has Keras and what it computes with.
EXTRAS = {"minidense.parity.keras_side": {"keras", "tensorflow", "jax", "torch"}}


def late_imports_of(source: str) -> Iterator[str]:
    """Yield what `import_module("name")` imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            name = node.args[0]
            yield name.value if isinstance(name, ast.Constant) else ast.unparse(name).lstrip("f'")


def foreign_imports_of(module: str, source: str) -> set[str]:
    """Return the roots that are neither NumPy, the standard library, nor the package itself."""
    imported = [*imports_of(source), *late_imports_of(source)]
    roots = {name.split(".")[0] for name in imported}
    return roots - sys.stdlib_module_names - {"minidense", "numpy"} - EXTRAS.get(module, set())


def test_a_source_imports_numpy_and_the_standard_library_only() -> None:
    sources = {module: path_of(module).read_text(encoding="utf-8") for module in NAMES}
    foreign = {module: foreign_imports_of(module, source) for module, source in sources.items()}
    assert not {module: roots for module, roots in foreign.items() if roots}


def test_extras_are_imported_inside_functions() -> None:
    for module, extras in EXTRAS.items():
        tree = ast.parse(path_of(module).read_text(encoding="utf-8"))
        top = ast.Module([node for node in tree.body if not isinstance(node, ast.FunctionDef)], [])
        above = [*imports_of(ast.unparse(top)), *late_imports_of(ast.unparse(top))]
        assert not {name.split(".")[0] for name in above} & extras


def test_these_tests_see_an_extra_where_it_does_not_belong() -> None:
    source = 'def f():\n    import jax\n    import_module("torch.nn")\n    import numpy\n'
    assert foreign_imports_of("minidense.layers", source) == {"jax", "torch"}
    assert foreign_imports_of("minidense.parity.keras_side", source) == set()
