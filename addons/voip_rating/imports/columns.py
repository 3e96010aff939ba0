"""What a column of a rate sheet may be, and how carriers name it. No Odoo here."""

from ..sheets.row import PRICES

# field: (name people see, kind for the reader, names of columns, likeliest first)
COLUMNS = {
    "prefix": (
        "Code",
        "cell",
        "code|prefix|dial code|dialing code|dialling code|dialcode|codes|dial codes|"
        "prefixes|destination code|area prefix|number prefix|digits|dial string|"
        "full code|e164|breakout|vorwahl|indicatif|codigo|prefijo|prefisso",
    ),
    "area": (
        "Area code (behind the code)",
        "cell",
        "area code|city code|area codes|city codes|area|ndc|ac",
    ),
    "nanp": (
        "Code of North America (NPA-NXX)",
        "cell",
        "npanxx|npa nxx|npa nxx x|npanxxx|npa|npa code",
    ),
    "price_per_minute": (
        "Price per minute",
        "cell",
        "new price per minute|new rate|new price|price per minute|rate per minute|"
        "cost per minute|rate per min|price per min|cost per min|rate min|"
        "price min|cost min|rate minute|price minute|cost minute|price|rate|"
        "per minute|tariff|cost|rate usd|rate eur|rate gbp|price usd|price eur|"
        "price gbp|inter rate|interstate|interstate rate|inter|preis|prix|tarif|"
        "precio|prezzo|tarifa|buy rate|sell rate|peak rate|current rate",
    ),
    "destination": (
        "Destination",
        "text",
        "destination|destination name|description|name|country|zone|location|"
        "destinations|breakout name|area name|"
        "carrier destination|dest|ziel|pays|destino",
    ),
    "effective_from": (
        "Valid from",
        "moment",
        "effective date|effective from|valid from|effective|start date|date|"
        "effective date utc|date from|activation date|from date|begin date|"
        "implementation date|start|from|gueltig ab|gültig ab|fecha",
    ),
    "effective_to": (
        "Valid until",
        "moment",
        "effective to|valid to|valid until|end date|expiry date|expiration date|"
        "expires|date to|to date|valid till|until|end|to",
    ),
    "increments": (
        "Increments (30/6)",
        "cell",
        "increment|increments|billing increment|billing increments|billing|interval|"
        "intervals|rounding|billing interval|charging interval|billing terms|"
        "min incr|pulse|taktung|takt|increment s|increment sec|increment seconds",
    ),
    "initial_increment": (
        "First increment",
        "whole",
        "initial increment|first increment|min duration|minimum duration|interval 1|"
        "minimum time|initial|first interval|interval1|minimum charge seconds",
    ),
    "next_increment": (
        "Next increment",
        "whole",
        "next increment|additional increment|interval n|interval 2|subsequent|"
        "next interval|subsequent increment|intervaln|sub increment|additional",
    ),
    "first_price": (
        "First increment price",
        "cell",
        "first increment price|first increment rate|first price|initial price|"
        "initial rate|initial rate per minute|price first increment|rate initial|"
        "price 1|rate 1",
    ),
    "connect_fee": (
        "Connection fee",
        "cell",
        "connection fee|connect fee|connect charge|setup fee|connection charge|"
        "connection cost|connect cost|connection price|connection rate|setup cost|"
        "set up charge|setup charge|call setup|flag fall|surcharge",
    ),
    "min_charge": ("Minimum charge", "cell", "minimum charge|min charge"),
    "max_charge": ("Maximum charge", "cell", "maximum charge|max charge"),
    "attempt_fee": (
        "Attempt fee",
        "cell",
        "attempt fee|fee per attempt|call attempt fee|attempt charge|per attempt|"
        "call attempt charge|attempt surcharge|unanswered call fee",
    ),
    "price_intra": (
        "Intrastate price",
        "cell",
        "intrastate price|intrastate|intra rate|intrastate rate|intra|price intra",
    ),
    "price_local": ("Local price", "cell", "local price|local rate|price local"),
    "price_indeterminate": (
        "Indeterminate price",
        "cell",
        "indeterminate price|indeterminate|indeterminate rate|price indeterminate|"
        "indeter rate",
    ),
    "origin_prefix": (
        "Origin code",
        "cell",
        "origin|origin code|origin prefix|origination|origination code|a number prefix|"
        "ani prefix|a number",
    ),
    "grace_seconds": ("Grace seconds", "whole", "grace seconds|grace period|grace"),
    "blocked": ("Blocked", "flag", "blocked|barred|block|forbidden"),
    "payback": ("Payback", "flag", "payback|pay back"),
    "service": ("Service code", "text", "service|service code"),
    "currency": (
        "Currency",
        "text",
        "currency|currency code|iso currency|ccy|cur|curr|wahrung|waehrung|währung|"
        "devise|moneda|valuta",
    ),
    "status": (
        "Status (blocked, closed)",
        "text",
        "status|change|action|change type|rate change|comment|comments|remark|"
        "remarks|type of change|change status|notes",
    ),
}
WORDS = {name: tuple(words.split("|")) for name, (_n, _k, words) in COLUMNS.items()}
KINDS = {name: kind for name, (_n, kind, _w) in COLUMNS.items()}
LABELS = {name: label for name, (label, _k, _w) in COLUMNS.items()}
# A price whose name says so is none per minute, in whole currency.
OTHER_UNITS = frozenset(
    "second seconds sec secs hour hours cent cents penny pence ct cts".split()
)
# Nor is what a call costs once.
ONCE = frozenset("connection connect setup call calls attempt".split())
# Moments of a column whose name says so are no local ones.
UTC_WORDS = frozenset(("utc", "gmt"))
NUMBERS = (*PRICES, "initial_increment", "next_increment", "grace_seconds")
# Words of a status column: the code gets no new price.
BLOCKED = frozenset(("blocked", "block", "barred"))
CLOSED = frozenset(
    "closed close delete deleted removed remove discontinued withdrawn terminated"
    " expired inactive cancelled canceled".split()
)
