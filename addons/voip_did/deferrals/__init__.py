"""Rental that is charged in advance becomes revenue day by day.

``sources`` reads the spans of days that invoice lines are for, ``engine.deferral`` says
what of them is not earned, ``voip_did_deferral`` keeps a month-end, its lines and its
journal entry in one transaction, ``deferral_entry`` writes that entry and
``deferral_file`` the workbook.
"""

from . import (
    voip_did_deferral_line,
    voip_did_deferral,
    month_end_failure,
    deferral_run,
    deferral_entry,
    deferral_file,
    account_move,
    res_company,
)
