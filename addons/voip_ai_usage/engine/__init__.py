"""Pure rating of AI sessions: no Odoo, no clock, no I/O.

1. ``kinds``: what is counted, and totals of tokens to parts that lie apart
2. ``session``: one session as it was sent, to exact values
3. ``names``: which model of the catalogue a name means
4. ``book``: which price counts
5. ``rate``: units, prices, included units and minimum to amounts
6. ``fees``: what a plan costs by the month
7. ``catalogue``: a dated catalogue of others as costs
"""

from . import kinds, session, names, book, rate, fees, catalogue
