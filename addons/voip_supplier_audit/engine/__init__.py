"""Pure engine of the supplier invoice audit: arrays in, arrays out.

records and numbers make two sides comparable, offset finds how their clocks differ,
nearest, legs and pair find which record is which; classify says what is different about
each; summary sets figures side by side. tally and supposed price our calls under rules,
rules and usual say which to try, diagnose finds those that explain the money and
explain puts them into sentences, parts does so of very many lines; results are what
they hand on, swapped and priced what is looked for line by line.
"""

from . import (
    classify,
    diagnose,
    explain,
    numbers,
    offset,
    pair,
    parts,
    rules,
    summary,
    supposed,
    tally,
    usual,
)
