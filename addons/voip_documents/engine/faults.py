"""What is wrong with a template or with what it makes."""


class Fault(Exception):
    """A template or its result is refused.

    :param reason: sentence without a trailing dot
    :param line: line of the template, None where it is not known
    """

    def __init__(self, reason, line=None):
        super().__init__(reason)
        self.reason = reason
        self.line = line


class WorkerLost(Exception):
    """The worker process died, stood still or was ended at its deadline, twice.

    :param reason: sentence without a trailing dot; empty where the process just ended
    """

    def __init__(self, reason=""):
        super().__init__(reason)
        self.reason = reason


class NoWorker(MemoryError):
    """No worker process starts: the machine has no memory or is too busy. It passes."""


def line_of(source, needle):
    """Line, from 1, on which ``needle`` first stands in ``source``; None without."""
    if not needle:
        return None
    at = source.lower().find(needle.lower())
    return None if at < 0 else source.count("\n", 0, at) + 1
