"""Run a script inside an Odoo environment.

``odoo_exec.py DATABASE SCRIPT [ARGUMENT ...]`` calls ``main(env, *arguments)`` of
the script as superuser and commits when it returns.  A returned int is the exit
code; an exception rolls back and exits with 1.  The configuration file is the one
``ODOO_RC`` names, else ``.voip/odoo.conf`` beside this folder.
"""

import importlib.util
import logging
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def load_script(path: str):
    """The script as a module; its own folder comes first on the search path."""
    sys.path.insert(0, str(Path(path).resolve().parent))
    spec = importlib.util.spec_from_file_location("voip_script", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def execute(database: str, script: str, arguments: list[str]) -> int:
    import odoo
    from odoo import api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    rc = os.environ.get("ODOO_RC") or str(ROOT / ".voip" / "odoo.conf")
    config.parse_config(["-c", rc, "-d", database], setup_logging=True)
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, odoo.SUPERUSER_ID, {})
        result = load_script(script).main(env, *arguments)
        cr.commit()
    return result if isinstance(result, int) else 0


def main() -> int:
    if len(sys.argv) < 3:
        print("usage: odoo_exec.py DATABASE SCRIPT [ARGUMENT ...]", file=sys.stderr)
        return 2
    try:
        return execute(sys.argv[1], sys.argv[2], sys.argv[3:])
    except Exception:
        logging.getLogger("voip.exec").exception("%s failed", sys.argv[2])
        return 1


if __name__ == "__main__":
    sys.exit(main())
