"""Netting: what a partner owes and what it is owed, set off against each other.

1. ``figures``: who owes what, how much of each item is netted; plain Python
2. ``voip_netting``, ``voip_netting_line``, ``voip_netting_rate``: what was chosen
3. ``voip_netting_proposal``: open items of the partner become lines
4. ``voip_netting_link``, ``voip_netting_try``: the request, its link, the answer
5. ``voip_netting_entry``: approval, journal entries, reconciliation, cancellation
6. ``document``: the request as plain data, for the screen, the link and the template;
   ``words`` of it, a ``sample`` to try templates with, ``voip_netting_documents``
7. ``voip_delivery``: the request by mail
8. ``account_move``, ``res_company``, ``res_partner``: what Odoo's own models need to
   know of it; ``voip_audit``, ``voip_check``: what is recorded and watched
"""

from . import (
    account_move,
    res_company,
    res_partner,
    voip_audit,
    voip_check,
    voip_netting,
    voip_netting_documents,
    voip_netting_entry,
    voip_netting_line,
    voip_netting_link,
    voip_netting_proposal,
    voip_netting_rate,
    voip_netting_try,
    voip_delivery,
)
