"""Make a copy of the repository in which each function has its mutants beside it.

mutmut makes them: for a function `relu` the copy has `x_relu__mutmut_orig`, `x_relu__mutmut_1` and
so on, and a `relu` that calls the one which the environment variable MUTANT_UNDER_TEST names.
"""

import ast
import contextlib
import difflib
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("minidense", "tests", "examples", "README.md", "CHANGELOG.md", "pyproject.toml")

# The parts that are mutated, in the order of a run.
SCOPE = ("optimizers", "activations", "losses", "layers", "random", "graph", "training")
EXTRAS = ("initializers", "metrics", "exponentials", "sums", "products", "variables")


def sources(part: str) -> list[Path]:
    """Return the files of a part, relative to the root of the repository."""
    folder = Path("minidense") / part
    if (ROOT / folder).is_dir():
        return [path.relative_to(ROOT) for path in sorted((ROOT / folder).glob("*.py"))]
    return [folder.with_suffix(".py")]


def copy_repository(target: Path) -> None:
    """Copy what the tests need, anew."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in COPIED:
        origin = ROOT / name
        if origin.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
            shutil.copytree(origin, target / name, ignore=ignored)
        else:
            shutil.copy(origin, target / name)
    # mutmut looks for its configuration in the working directory, here and when the tests run
    (target / "setup.cfg").write_text(
        "[mutmut]\nsource_paths=minidense\ntrack_dependencies=false\n"
    )


def write_mutants(target: Path, parts: list[str]) -> dict[str, list[str]]:
    """Mutate the copy's files of these parts; return the names of the mutants of each part."""
    return {part: [n for path in sources(part) for n in mutate(target, path)] for part in parts}


def mutate(target: Path, path: Path) -> list[str]:
    """Write the mutants of one file; return their names."""
    from mutmut.mutation.file_mutation import mutate_file_contents
    from mutmut.utils.format_utils import get_mutant_name

    code = (ROOT / path).read_text(encoding="utf-8")
    with contextlib.chdir(target):
        mutated = mutate_file_contents(str(path), code)
    (target / path).write_text(mutated.code, encoding="utf-8")
    return [get_mutant_name(path, name) for name in mutated.mutant_names]


def module_file(target: Path, module: str) -> Path:
    """Return the file of a module of the copy."""
    path = target.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def difference(target: Path, mutant: str) -> str:
    """Return what a mutant changes: the file and the function, the lines that go and that come."""
    module, _, name = mutant.rpartition(".")
    path = module_file(target, module)
    code = path.read_text(encoding="utf-8")
    found: dict[str, str] = {}
    stem = name.partition("__mutmut_")[0]
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef) and node.name in (name, f"{stem}__mutmut_orig"):
            found[node.name] = "\n".join(code.splitlines()[node.lineno : node.end_lineno])
    before, after = found[f"{stem}__mutmut_orig"], found[name]
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))
    changed = [line for line in lines[2:] if not line.startswith("@@")]
    where = stem.removeprefix("x_").replace("xǁ", "").replace("ǁ", ".")
    return "\n".join([f"{path.relative_to(target)} {where}", *changed])
