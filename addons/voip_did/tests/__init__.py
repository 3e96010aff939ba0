from . import (
    test_did,
    test_doors,
    test_engine_months,
    test_engine_rental,
    test_calls,
    test_holders,
    test_supply,
    test_rental,
    test_security,
    test_switch_numbers,
)
