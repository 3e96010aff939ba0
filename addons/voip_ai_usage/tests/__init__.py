from . import (
    test_engine_kinds,
    test_engine_session,
    test_engine_rate,
    test_engine_fees,
    test_session,
    test_plan,
    test_calls,
    test_invoice,
    test_price_doors,
    test_price_import,
    test_catalogue,
    test_security,
    test_switch_ai,
)
from . import test_engine_providers
from . import test_engine_pull
from . import test_provider_import
from . import test_provider_key
from . import test_provider_session
