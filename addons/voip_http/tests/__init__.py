from . import test_away, test_person
