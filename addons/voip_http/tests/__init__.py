from . import test_away, test_hidden
