"""Prints the demo as a story: numbered steps, figures, times, differences."""

import time
from contextlib import contextmanager

SHOWN = 20


class Story:
    """Tells steps and collects what differs from the reference."""

    def __init__(self):
        self.steps = self.agreed = 0
        self.differences = []
        self.begun = time.perf_counter()

    @contextmanager
    def step(self, title):
        self.steps += 1
        begun = time.perf_counter()
        print(f"\n{self.steps:2}. {title}", flush=True)
        yield
        print(f"    [{time.perf_counter() - begun:.1f} s]", flush=True)

    def say(self, text):
        print(f"    {text}", flush=True)

    def table(self, header, rows):
        """Print rows under a header; columns of figures are right-aligned."""
        cells = [[text_of(value) for value in row] for row in [header, *rows]]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        figures = [
            all(not isinstance(row[index], str) for row in rows)
            for index in range(len(widths))
        ]
        for line in cells:
            columns = zip(line, widths, figures, strict=True)
            texts = (t.rjust(w) if f else t.ljust(w) for t, w, f in columns)
            self.say("  " + "  ".join(texts).rstrip())

    def same(self, what, product, expected):
        """Note whether the product's value is the expected one."""
        if product == expected:
            self.agreed += 1
            return
        self.differences.append(what)
        if len(self.differences) <= SHOWN:
            self.say(f"DIFFERENCE {what}: product {product}, reference {expected}")

    def same_all(self, what, product, expected, default=None):
        """Compare two dicts key by key; a missing key counts as ``default``."""
        for key in sorted(product.keys() | expected.keys(), key=str):
            self.same(
                f"{what} {key}", product.get(key, default), expected.get(key, default)
            )

    def agree(self, about):
        """Tell that all compared so far agrees, or how much does not."""
        if self.differences:
            self.say(f"{len(self.differences)} DIFFERENCES from the reference")
        else:
            self.say(f"{about}: equal to the reference to the last digit")

    def finish(self):
        """Tell the outcome.

        :raises SystemExit: 1, where anything differs
        """
        seconds = time.perf_counter() - self.begun
        if self.differences:
            print(f"\nFAILED: {len(self.differences)} differences, {seconds:.0f} s")
            raise SystemExit(1)
        print(f"\nAll {self.agreed:,} comparisons agree. {seconds:.0f} s in all.")


def text_of(value):
    if isinstance(value, int):
        return f"{value:,}"
    return str(value) if isinstance(value, str) else f"{value:,f}"
