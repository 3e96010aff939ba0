from . import test_engine_providers
from . import test_engine_pull
from . import test_provider_import
from . import test_provider_key
