"""All classes of tests in parts of about equal length: ``halves.py [PARTS]``.

Prints a line of Odoo's test tags for each part.  A class is as long as its lines and
those of the classes that it inherits tests from, and what every class begins with.
"""

import ast
import sys
from pathlib import Path

ADDONS = Path(__file__).resolve().parent.parent / "addons"
BEGIN = 30


def classes_of(folder: Path) -> dict[str, ast.ClassDef]:
    """The classes of a folder of tests by name."""
    return {
        node.name: node
        for path in sorted(folder.glob("*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    }


def tests_of(name: str, classes: dict[str, ast.ClassDef]) -> int:
    """Lines of the tests that a class has or inherits."""
    node = classes.get(name)
    if node is None:
        return 0
    own = sum(
        part.end_lineno - part.lineno + 1
        for part in node.body
        if isinstance(part, ast.FunctionDef) and part.name.startswith("test")
    )
    bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
    return own + sum(tests_of(base, classes) for base in bases)


def lengths(addons: Path) -> dict[str, int]:
    """``{"/module:Class": length}`` of every class of tests."""
    found = {}
    for folder in sorted(addons.glob("*/tests")):
        classes = classes_of(folder)
        for name in classes:
            if name.startswith("Test"):
                length = tests_of(name, classes) + BEGIN
                found[f"/{folder.parent.name}:{name}"] = length
    return found


def parts(found: dict[str, int], number: int) -> list[list[str]]:
    """The names in as many parts; the longest first, each to the shortest part."""
    loads = [(0, []) for _ in range(number)]
    for name in sorted(found, key=lambda name: (-found[name], name)):
        index = min(range(number), key=lambda i: loads[i][0])
        length, names = loads[index]
        loads[index] = (length + found[name], [*names, name])
    return [names for _, names in loads]


def main() -> int:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    for names in parts(lengths(ADDONS), number):
        print(",".join(names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
