"""Call records of one side as columns."""

from dataclasses import dataclass, fields

import numpy as np

NO_ID = 0  # a record without call id
SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
DAY_US = 24 * HOUR_US


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Columns of one length, a row per record; int64 all of them.

    ``id_hash`` is a 64-bit hash of the call id, :data:`NO_ID` where there is none;
    numbers are digits as an int, 0 = unknown; ``start_us`` is microseconds since 1970
    as the side's clock has it; ``duration_ms`` is the answered duration.
    """

    id_hash: np.ndarray
    caller: np.ndarray
    called: np.ndarray
    start_us: np.ndarray
    duration_ms: np.ndarray

    @classmethod
    def of(cls, **columns):
        """Take columns as int64; an id left out is :data:`NO_ID`.

        :raise ValueError: for a column missing, or of another length
        """
        columns.setdefault("id_hash", np.zeros(len(columns["called"]), np.int64))
        missing = [field.name for field in fields(cls) if field.name not in columns]
        if missing:
            raise ValueError(f"records lack the columns {', '.join(missing)}")
        made = {name: np.asarray(column, np.int64) for name, column in columns.items()}
        sizes = {column.shape for column in made.values()}
        if len(sizes) > 1:
            raise ValueError(f"columns of records differ in length: {sorted(sizes)}")
        return cls(**made)

    def take(self, rows):
        """Records at ``rows``."""
        return Records(*(getattr(self, f.name)[rows] for f in fields(self)))

    def __len__(self):
        return len(self.called)
