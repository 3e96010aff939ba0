"""How money and prices are stored and shown: 8 decimals, trailing zeros cut."""

MONEY = {"digits": (24, 8), "min_display_digits": 2}
PRICE = {"digits": (18, 8), "min_display_digits": 4}
