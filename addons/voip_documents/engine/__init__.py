"""From plain data and a template to a file: pure, run in worker processes.

``job`` does one task; ``worker`` is the process that does tasks, ``pool`` its parent.
"""
