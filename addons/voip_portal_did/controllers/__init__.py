from . import numbers, order, release, ports
