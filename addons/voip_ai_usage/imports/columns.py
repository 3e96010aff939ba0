"""What a column of a price list of AI may be, and how lists name it. No Odoo."""

# field: (name people see, kind for the reader, names of columns, likeliest first)
COLUMNS = {
    "provider": ("Provider", "text", "provider|vendor|supplier|anbieter"),
    "model": ("Model", "text", "model|model name|model id|modell|modele"),
    "kind": ("Kind", "text", "kind|type|token kind|token type|unit|art"),
    "price_per_1000": (
        "Price per 1,000",
        "number",
        "price per 1000|price|price per 1k|sale price|per 1000|preis",
    ),
    "cost_per_1000": (
        "Cost per 1,000",
        "number",
        "cost per 1000|cost|cost per 1k|buy price|kosten",
    ),
    "price_per_minute": ("Price per minute", "number", "price per minute|per minute"),
    "cost_per_minute": ("Cost per minute", "number", "cost per minute"),
    "markup_percent": (
        "Mark-up (%)",
        "number",
        "markup percent|mark up|markup|mark up percent|aufschlag",
    ),
    "currency": ("Currency", "text", "currency|currency code|ccy|waehrung|devise"),
    "account": ("Account", "text", "account|account code|customer|konto"),
    "effective_from": ("From", "cell", "effective from|from|valid from|start|ab"),
    "effective_to": ("To", "cell", "effective to|to|valid to|until|end|bis"),
}
WORDS = {name: tuple(words.split("|")) for name, (_n, _k, words) in COLUMNS.items()}
KINDS = {name: kind for name, (_n, kind, _w) in COLUMNS.items()}
LABELS = {name: label for name, (label, _k, _w) in COLUMNS.items()}
NUMBERS = tuple(name for name, kind in KINDS.items() if kind == "number")
NEEDED = ("model", "kind")
