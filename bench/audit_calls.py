"""Calls of a month and a supplier's records of them: the truth that is known."""

import numpy as np

BEGIN = 1_790_812_800_000_000
SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
CLOCKS = {
    "same clock": lambda at: at,
    "37 s": lambda at: at + 37 * SECOND,
    "2 h": lambda at: at + 2 * HOUR,
    "2 h and 37 s": lambda at: at + 2 * HOUR + 37 * SECOND,
    "drift of 200 ppm": lambda at: at + (at - BEGIN) // 5_000,
    "daylight-saving night": lambda at: at + np.where(at >= BEGIN + 13 * DAY, HOUR, 0),
}


class Calls:
    """A month; one in sixteen begins soon after another one of the same numbers."""

    def __init__(self, size):
        self.random = random = np.random.default_rng(20)
        self.called = random.integers(447_000_000_000, 447_999_999_999, size)
        self.caller = random.integers(33_100_000_000, 33_999_999_999, size)
        self.start = BEGIN + random.integers(0, 30 * 86_400, size) * SECOND
        self.ms = (1 + random.exponential(120, size).astype(np.int64)) * 1_000
        again, of = (random.permutation(size)[: size // 16] for _side in range(2))
        self.called[again], self.caller[again] = self.called[of], self.caller[of]
        # Who fails to get through tries again within seconds, often more than once.
        short = of[: of.size // 2]
        self.ms[short] = random.integers(1, 6, short.size) * 1_000
        self.ms[again[: of.size // 2]] = random.integers(1, 6, short.size) * 1_000
        gap = random.integers(1, 30, of.size) * SECOND
        self.start[again] = self.start[of] + self.ms[of] * 1_000 + gap
        for number in range(3):
            rows = slice(number * 4_000, (number + 1) * 4_000)
            self.called[rows] = 447_000_000_000 + number
            self.caller[rows] = 33_100_000_000

    def theirs(self, clock):
        """Rows of ours in their order, starts and durations as they have them."""
        random, size = self.random, self.start.size
        rows = random.permutation(size)[size // 500 :]
        jitter = np.rint(random.normal(0, 1, rows.size)).astype(np.int64) * SECOND
        longer = random.integers(-1, 2, rows.size) * (random.random(rows.size) < 0.2)
        return rows, clock(self.start[rows]) + jitter, self.ms[rows] + longer * 1_000
