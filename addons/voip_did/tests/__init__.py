from . import (
    test_blocks,
    test_did,
    test_doors,
    test_engine_months,
    test_engine_rental,
    test_import,
    test_porting,
    test_rental,
    test_rental_problem,
    test_security,
    test_switch_numbers,
    test_unpaid,
)
