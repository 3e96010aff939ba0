from . import (
    test_engine_kinds,
    test_engine_session,
    test_engine_rate,
    test_engine_fees,
    test_session,
    test_plan,
)
from . import test_engine_providers
from . import test_engine_pull
from . import test_provider_import
from . import test_provider_key
from . import test_provider_session
