from . import test_numbers, test_ports
