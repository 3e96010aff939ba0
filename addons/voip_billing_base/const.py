"""How money and prices are stored: 8 decimals. Shown without trailing zeros.

For the fields Amount and ExactFloat.
"""

MONEY = {"digits": (24, 8), "min_display_digits": 2}
PRICE = {"digits": (18, 8), "min_display_digits": 4}
