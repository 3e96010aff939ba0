from . import test_ai
