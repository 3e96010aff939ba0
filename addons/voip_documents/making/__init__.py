"""Documents of many invoices at once, in the background.

1. ``voip_document_run``: which invoices, how far it has got
2. ``run_work``: takes them in pieces, has all workers make their files, keeps them
3. ``account_move``, ``res_config_settings``: where runs begin; how many workers
"""

from . import voip_document_run, run_work, account_move, res_config_settings
