from . import test_engine_providers
from . import test_engine_pull
