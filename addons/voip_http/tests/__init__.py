from . import test_away, test_hidden, test_person
