"""Notices of rates: what is agreed with a partner, announced to him and delivered.

1. ``terms``: from the day of a delivery to the first moment a change may be valid
2. ``picture``: SQL of what a partner was told, and of what differs from it
3. models: ``voip_rate_agreement``; ``voip_rate_notice`` with its rows (``notice_row``)
   and files (``notice_files``), sent by Odoo's queue of mails (``notice_mail``)
4. ``rate_deck_early``, ``voip_rate_early``: a change that is valid before its notice is
   due is refused, or allowed by a manager with a reason
5. ``rate_deck_agreed``, ``rate_import_agreed``: a supplier's increase that came late
   costs later
"""

from . import (
    voip_rate_agreement,
    voip_rate_notice,
    voip_rate_notice_row,
    agreement_notices,
    notice_mail,
    notice_files,
    rate_deck_early,
    voip_rate_early,
    rate_deck_agreed,
    rate_import_agreed,
)
