"""Start Odoo's command line.

``python -m odoo --workers=N`` starts its gevent child through ``__main__.py``,
which cannot import itself and is started again for ever; this file can. A server that
restarts itself looks for ``python`` in PATH, where this one must be the first.
"""

import os
import sys

os.environ["PATH"] = os.pathsep.join(
    [os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]
)

from odoo.cli.command import main  # noqa: E402

if __name__ == "__main__":
    main()
