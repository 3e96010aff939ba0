"""Start Odoo's command line.

``python -m odoo --workers=N`` starts its gevent child through ``__main__.py``,
which cannot import itself and is started again for ever; this file can.
"""

from odoo.cli.command import main

if __name__ == "__main__":
    main()
