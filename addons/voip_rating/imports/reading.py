"""What was read of a file, kept from its preview until it is applied. No Odoo here."""

import json
import zlib
from dataclasses import asdict, dataclass, field

from .lines import Close, Fault, Lines

# Stands for the moment of the work, which is another one each time; names cannot
# have it, as it cannot be printed.
NOW = "\x1e"
# Smaller sheets are read again: that takes no longer.
LEAST_ROWS = 5_000


@dataclass(slots=True)
class Part:
    """Lines of a sheet as COPY texts.

    :param stage: lines of the stage
    :param sheet: index, row number and whether it closes, of each line
    :param first: index of the first one
    """

    stage: str = ""
    sheet: str = ""
    first: int = 0

    def at(self, now):
        """The same with the moment of the work where rows state none.

        :param now: UTC text
        """
        return Part(self.stage.replace(NOW, now), self.sheet, self.first)


@dataclass(slots=True)
class Reading:
    """A sheet that was read.

    :param parts: list of :class:`Part`
    :param found: what was left beside them
    """

    parts: list
    found: Lines = field(default_factory=Lines)

    def packing(self, mark):
        """A function that gives bytes to keep, of what is read by now.

        :param mark: text of all that the reading depends on
        """
        head = json.dumps({"mark": mark, "found": asdict(self.found)})
        sheet = [part.sheet for part in self.parts]
        stage = [part.stage for part in self.parts]

        def pack():
            # Piece by piece: a large sheet is there once already.
            made = zlib.compressobj(1)
            texts = (head, "\0", *sheet, "\0", *stage)
            pieces = [made.compress(text.encode()) for text in texts]
            return b"".join((*pieces, made.flush()))

        return pack

    @classmethod
    def unpack(cls, data, mark):
        """The kept reading; None where it was read in another way."""
        head, sheet, stage = zlib.decompress(data).decode().split("\0")
        head = json.loads(head)
        if head["mark"] != mark:
            return None
        found = head["found"]
        faults = [Fault(**values) for values in found["faults"]]
        closes = [Close(**values) for values in found["closes"]]
        return cls([Part(stage, sheet)], Lines(faults, closes, found["rows"]))

    def count(self):
        """How many lines there are."""
        return sum(part.sheet.count("\n") for part in self.parts)

    def closes_at(self, now):
        """Put the moment of the work where rows that close state none.

        :param now: UTC text
        """
        for close in self.found.closes:
            close.at = close.at.replace(NOW, now)
