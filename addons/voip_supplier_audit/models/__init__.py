from . import (
    voip_audit,
    account_move,
    account_partial_reconcile,
    account_payment,
    res_company,
    res_partner,
    res_users,
)
