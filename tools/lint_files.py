"""Check files whose paths are read from standard input, else those of the repository.

XML, YAML and JSON must parse, Python files have at most 400 lines, functions at
most 40, Odoo must find every file of tests, and the deployment files hold what
production must not go without.
"""

import ast
import configparser
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from lxml import etree

MAX_FILE, MAX_FUNCTION = 400, 40


def parse_problem(path: Path) -> str | None:
    parsers = {
        ".xml": lambda: etree.parse(path),
        ".svg": lambda: etree.parse(path),
        ".yml": lambda: yaml.safe_load(path.read_text()),
        ".yaml": lambda: yaml.safe_load(path.read_text()),
        ".json": lambda: json.loads(path.read_text()),
    }
    parser = parsers.get(path.suffix)
    try:
        if parser:
            parser()
    except (etree.XMLSyntaxError, yaml.YAMLError, ValueError) as error:
        return f"{path}: {error}"
    return None


def size_problems(path: Path) -> Iterator[str]:
    text = path.read_text()
    lines = text.count("\n")
    if lines > MAX_FILE:
        yield f"{path}: {lines} lines, at most {MAX_FILE}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            if length > MAX_FUNCTION:
                yield (
                    f"{path}:{node.lineno}: {node.name} has {length} lines, "
                    f"at most {MAX_FUNCTION}"
                )


def unseen_problems(path: Path) -> Iterator[str]:
    """Odoo runs the tests of those files that the folder's ``__init__`` imports."""
    if path.parent.name != "tests" or not path.name.startswith("test_"):
        return
    beside = path.with_name("__init__.py")
    has_tests = re.search(r"^class Test", path.read_text(), re.MULTILINE)
    if not has_tests or not beside.exists():
        return
    if not re.search(rf"\b{path.stem}\b", beside.read_text()):
        yield f"{path}: its tests never run, {beside} does not import it"


def compose_problems(path: Path) -> Iterator[str]:
    services = yaml.safe_load(path.read_text())["services"]
    for name, service in services.items():
        if "healthcheck" not in service:
            yield f"{path}: {name} has no health check"
        for problem in secret_problems(name, service.get("environment") or {}):
            yield f"{path}: {name}: {problem}"
    environment = services["db"].get("environment") or {}
    superuser = environment.get("POSTGRES_USER", "postgres")
    for name, service in services.items():
        if (service.get("environment") or {}).get("USER") == superuser:
            yield f"{path}: {name}: {superuser} is the database's superuser"
    if not any("postgres-init.sh" in volume for volume in services["db"]["volumes"]):
        yield f"{path}: db: makes no role for Odoo"
    environment = services["proxy"].get("environment") or {}
    if not str(environment.get("VOIP_SERVER_NAME")).startswith("${VOIP_SERVER_NAME:?"):
        yield f"{path}: proxy: VOIP_SERVER_NAME must come from the environment"


def secret_problems(name: str, environment: dict) -> Iterator[str]:
    for key, value in environment.items():
        if "PASSW" not in key:
            continue
        if not str(value).startswith(("${", "/run/secrets/")):
            yield f"{key} must come from the environment"
        if ":-" in str(value):
            yield f"{key} must have no default"
        if name != "db" and "POSTGRES_PASSWORD" in str(value):
            yield f"{key} is the database superuser's"


def conf_problems(path: Path) -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path)
    wanted = {"list_db": "False", "proxy_mode": "True"}
    for key, value in wanted.items():
        if parser["options"].get(key) != value:
            yield f"{path}: {key} must be {value}"
    for key in ("admin_passwd", "db_password"):
        if key in parser["options"]:
            yield f"{path}: {key} must come from the environment"


def problems(path: Path) -> Iterator[str]:
    problem = parse_problem(path)
    if problem:
        yield problem
    elif path.suffix == ".py":
        yield from size_problems(path)
        yield from unseen_problems(path)
    elif path.name == "docker-compose.yml":
        yield from compose_problems(path)
    elif path.suffix == ".conf" and path.name.startswith("odoo"):
        yield from conf_problems(path)


def paths() -> Iterator[Path]:
    """The files to check, from the folder where it is asked.

    Nothing on standard input (a terminal, or no input at all) means all of them.
    """
    lines = [] if sys.stdin is None or sys.stdin.isatty() else sys.stdin.readlines()
    lines = lines or tracked()
    return (path for line in lines if (path := Path(line.rstrip("\n"))).is_file())


def tracked() -> list[str]:
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    return subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout.splitlines()


def main() -> int:
    found = [problem for path in paths() for problem in problems(path)]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
