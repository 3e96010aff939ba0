from . import test_away
