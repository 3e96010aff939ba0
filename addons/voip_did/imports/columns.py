"""What a column of a list of numbers may be, and how suppliers name it. No Odoo."""

# field: (name people see, kind for the reader, names of columns, likeliest first)
COLUMNS = {
    "number": (
        "Number",
        "cell",
        "number|phone number|did|did number|e164|e 164|telephone number|tn|msisdn|"
        "phone|first number|start number|range start|from number|rufnummer|numero",
    ),
    "block": (
        "Block size",
        "whole",
        "block size|block|range size|size|quantity|count|numbers|blockgroesse",
    ),
    "country": (
        "Country",
        "text",
        "country|country code|country iso|iso|iso country|country name|land|pays|pais",
    ),
    "area": (
        "Area",
        "text",
        "area|city|locality|rate center|ratecenter|location|region|area name|ort|"
        "ville|ciudad",
    ),
    "kind": (
        "Kind",
        "text",
        "kind|type|number type|did type|phone number type|category|art|typ|tipo",
    ),
    "two_way": ("Two-way", "flag", "two way|2 way|bidirectional|outbound allowed"),
    "capabilities": (
        "Capabilities (voice, sms, fax)",
        "text",
        "capabilities|features|services|capability",
    ),
    "channels": (
        "Channels",
        "whole",
        "channels|channel|capacity|ports|concurrent calls|sessions|kanaele",
    ),
    "cost_setup": (
        "Setup cost",
        "number",
        "setup cost|setup fee|nrc|setup|activation fee|one time fee|otc|upfront cost",
    ),
    "cost_monthly": (
        "Monthly cost",
        "number",
        "monthly cost|mrc|monthly fee|monthly|monthly price|monthly rental|rental|"
        "monthly rate|recurring fee",
    ),
    "cost_currency": (
        "Currency",
        "text",
        "currency|currency code|ccy|waehrung|devise|moneda",
    ),
}
WORDS = {name: tuple(words.split("|")) for name, (_n, _k, words) in COLUMNS.items()}
KINDS = {name: kind for name, (_n, kind, _w) in COLUMNS.items()}
LABELS = {name: label for name, (label, _k, _w) in COLUMNS.items()}
NUMBERS = ("cost_setup", "cost_monthly")
