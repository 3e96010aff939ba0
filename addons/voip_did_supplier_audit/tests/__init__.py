from . import test_engine_rental_lines, test_rental_lines
