from . import test_engine_providers
