from . import (
    test_account,
    test_audit,
    test_charge_kinds,
    test_columns,
    test_periods,
    test_retry,
    test_security,
    test_security_matrix,
    test_topup,
    test_wallet,
    test_wallet_pending,
    test_wallet_seal,
)
