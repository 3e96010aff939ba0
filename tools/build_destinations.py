#!/usr/bin/env python3
"""Build the shipped world destinations from the ``phonenumbers`` package.

Every numbering plan (calling code) is walked digit by digit over the patterns of
its regions and kinds at once. As soon as one region and one kind remain possible,
the prefix belongs to that zone; siblings of one zone collapse into their parent.
Mobile zones are refined by the carrier data. The calling code itself is the
catch-all of its main region (longest match decides between nested prefixes).

Usage: build_destinations.py [--check] [--output FILE]
"""

import argparse
import csv
import re
import sys
import unicodedata
from functools import cache
from pathlib import Path

import phonenumbers
from numbering_plan import Plan
from phonenumbers.carrierdata import CARRIER_DATA
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.geodata.locale import LOCALE_DATA

DATA = Path(__file__).resolve().parent.parent / "addons" / "voip_rating" / "data"
FIELDS = ("code", "name", "country", "kind", "prefixes")
MAX_LENGTH = 9  # digits of the longest prefix, calling code included
# National digits after which fixed is no more told from mobile; by calling code.
SPLIT_LENGTH = {"1": 6}
SPLIT_LENGTH_DEFAULT = 4

# metadata attribute -> (kind, code suffix, label); earlier wins where two kinds
# stay possible at MAX_LENGTH: the dearer kind protects the seller.
KINDS = {
    "premium_rate": ("premium", "PREMIUM", "Premium Rate"),
    "shared_cost": ("shared", "SHARED-COST", "Shared Cost"),
    "personal_number": ("personal", "PERSONAL", "Personal Number"),
    "toll_free": ("toll_free", "TOLL-FREE", "Toll Free"),
    "voip": ("voip", "VOIP", "VoIP"),
    "uan": ("uan", "UAN", "Universal Access"),
    "pager": ("pager", "PAGER", "Pager"),
    "fixed_line": ("fixed", "FIXED", "Fixed"),
    "mobile": ("mobile", "MOBILE", "Mobile"),
}
BY_KIND = {kind: (suffix, label) for kind, suffix, label in KINDS.values()}
PRIORITY = [kind for kind, _suffix, _label in KINDS.values()] + ["either"]
GEOGRAPHIC = {"fixed", "mobile", "either"}

# Non-geographic codes (ITU-T E.164 Annex): calling code -> zone. The carrier data
# names the networks of 881, 882 and 883.
GLOBAL = {
    "800": ("GLOBAL-FREEPHONE", "International Freephone", "toll_free"),
    "808": ("GLOBAL-SHARED-COST", "International Shared Cost", "shared"),
    "870": ("GLOBAL-INMARSAT", "Inmarsat", "satellite"),
    "878": ("GLOBAL-PERSONAL", "Universal Personal Numbers", "personal"),
    "881": ("GLOBAL-SATELLITE", "Global Mobile Satellite", "satellite"),
    "882": ("GLOBAL-NETWORKS-882", "International Networks 882", "special"),
    "883": ("GLOBAL-NETWORKS-883", "International Networks 883", "special"),
    "888": ("GLOBAL-UAN", "International Shared Service 888", "uan"),
    "979": ("GLOBAL-PREMIUM", "International Premium Rate", "premium"),
}
SHARED_NANP = "NANP"  # +1 8xx, 900, 5xx: one range for all members
# Codes that ISO 3166 does not assign; the geocoder has no name for them.
NAMES = {"AC": "Ascension Island", "TA": "Tristan da Cunha", "XK": "Kosovo"}
ISO = {"AC": "SH", "TA": "SH"}
# Regions that share a calling code and, in parts, even the ranges below it: an
# example number of the first may rightly land in the second's zone.
SHARED_RANGES = {
    "AX": "FI", "BL": "GP MF", "MF": "GP BL", "VA": "IT", "EH": "MA", "CX": "AU",
    "CC": "AU", "SJ": "NO", "YT": "RE", "KZ": "RU", "GG": "GB", "JE": "GB",
    "IM": "GB", "BQ": "CW", "TA": "SH",
}  # fmt: skip


def carrier_names():
    """Return ({prefix: network}, all proper beginnings of those prefixes)."""
    names = {}
    for prefix, by_language in CARRIER_DATA.items():
        name = by_language.get("en")
        if name and len(prefix) <= MAX_LENGTH:
            names[prefix] = tidy(name)
    above = {prefix[:i] for prefix in names for i in range(1, len(prefix))}
    return names, above


def tidy(name):
    """Return a network's name with one spelling; repairs doubly encoded UTF-8."""
    try:
        name = name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        pass
    name = " ".join(name.split())
    return name.title() if name.islower() else name


@cache
def areas():
    """Return all beginnings of the prefixes that the geocoder knows."""
    return {prefix[:end] for prefix in GEOCODE_DATA for end in range(1, len(prefix))}


def geographic(prefix):
    """Tell whether the geocoder names an area above or below the prefix."""
    above = any(prefix[:end] in GEOCODE_DATA for end in range(3, len(prefix) + 1))
    return above or prefix in areas()


def slug(name):
    """Return the ASCII code of a network's name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9]+", "-", plain.replace("+", " Plus").upper()).strip("-")


def region_name(region):
    """Return the English name of a region (aliases in the data start with ``*``)."""
    names = LOCALE_DATA.get(region, {})
    name = names.get("en", NAMES.get(region, region))
    return names[name[1:]] if name.startswith("*") else name


class Builder:
    """Walk one calling code and collect ``{prefix: zone}``, zone = (region, kind,
    network)."""

    def __init__(self, calling_code, carriers, above):
        self.calling_code = calling_code
        self.carriers, self.above = carriers, above
        self.plan = Plan()
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(calling_code)]
        self.main = regions[0]
        self.memo = {}
        self.split_length = SPLIT_LENGTH.get(calling_code, SPLIT_LENGTH_DEFAULT)
        self.start = frozenset(
            (label, self.plan.add(pattern))
            for region in regions
            for label, pattern in self.patterns(region)
        )

    def patterns(self, region):
        """Yield ((region, kind), pattern); fixed and mobile alike become "either"."""
        if region == "001":
            code = int(self.calling_code)
            data = phonenumbers.PhoneMetadata.metadata_for_nongeo_region(code)
        else:
            data = phonenumbers.PhoneMetadata.metadata_for_region(region)
        found = {}
        for attribute, (kind, _suffix, _label) in KINDS.items():
            described = getattr(data, attribute)
            if described and described.national_number_pattern:
                found[kind] = described.national_number_pattern
        if found.get("fixed") and found.get("fixed") == found.get("mobile"):
            found["either"] = found.pop("fixed")
            del found["mobile"]
        for kind, pattern in found.items():
            yield (region, kind), pattern

    def walk(self):
        tree = self.visit(self.calling_code, self.start, None)
        zones = {self.calling_code: (self.main, "fixed", "")}
        self.emit(tree, self.calling_code, zones[self.calling_code], zones)
        return zones

    def visit(self, prefix, alive, network):
        """Return a zone when the whole prefix belongs to it, else (default, children
        by digit, None where no number exists)."""
        network = self.carriers.get(prefix, network)
        labels = {label for label, _states in alive}
        mobile = any(kind == "mobile" for _region, kind in labels)
        deeper = mobile and prefix in self.above
        if len(prefix) >= MAX_LENGTH or not (deeper or self.divided(prefix, labels)):
            return self.zone(prefix, labels, network)
        # Whether an area is fixed or mobile depends on the digits themselves.
        reusable = not (deeper or {"fixed", "mobile"} <= {kind for _r, kind in labels})
        key = (alive, len(prefix), network)
        if reusable and key in self.memo:
            return self.memo[key]
        children = [
            self.visit(prefix + digit, after, network) if after else None
            for digit, after in self.successors(alive)
        ]
        known = {child for child in children if child is not None}
        if len(known) == 1 and isinstance(next(iter(known))[0], str):
            result = known.pop()
        elif not known:
            result = self.zone(prefix, labels, network)
        else:
            result = (None, self.default(prefix, labels), tuple(children))
        if reusable:
            self.memo[key] = result
        return result

    def successors(self, alive):
        for digit in "0123456789":
            moved = ((label, self.plan.step(states, digit)) for label, states in alive)
            yield digit, frozenset((label, states) for label, states in moved if states)

    def divided(self, prefix, labels):
        """Tell whether more digits are needed to tell the labels apart."""
        if len({region for region, _kind in labels}) == 1:
            kinds = {kind for _region, kind in labels}
            if kinds <= GEOGRAPHIC:
                national = len(prefix) - len(self.calling_code)
                return len(kinds) > 1 and national < self.split_length
        return len(labels) > 1

    def zone(self, prefix, labels, network):
        """Choose the zone of a prefix for which ``labels`` are possible."""
        regions = {region for region, _kind in labels}
        kinds = {kind for _region, kind in labels}
        kind = min(kinds, key=PRIORITY.index)
        if kind == "either":
            kind, network = "fixed", None
        elif kinds == {"fixed", "mobile"}:
            kind = self.either(prefix)
        regions = {r for r, k in labels if k == kind} or regions
        return self.owned(regions, kind, network or "" if kind == "mobile" else "")

    def default(self, prefix, labels):
        """Return the zone of unlisted numbers below a prefix, None to inherit."""
        regions = {region for region, _kind in labels}
        if len(regions) > 1 and self.main not in regions:
            return None
        kinds = {kind for _region, kind in labels}
        if kinds & {"fixed", "either"}:
            kind = self.either(prefix) if kinds == {"fixed", "mobile"} else "fixed"
        elif "mobile" in kinds:
            kind = "mobile"
        else:
            kind = next(iter(kinds)) if len(kinds) == 1 else "fixed"
        return self.owned(regions, kind)

    def either(self, prefix):
        """Choose where both kinds are possible: in plans whose areas the geocoder
        knows, a prefix without an area is mobile."""
        located = self.calling_code in areas() and prefix != self.calling_code
        return "mobile" if located and not geographic(prefix) else "fixed"

    def owned(self, regions, kind, network=""):
        """Return a zone; service ranges of a shared code are the main region's, and
        in +1 everybody's."""
        region = self.main if self.main in regions else min(regions)
        if kind not in GEOGRAPHIC | {"voip"}:
            if self.calling_code != "1":
                region = self.main
            elif len(regions) > 1:
                region = SHARED_NANP
        return region, kind, network

    def emit(self, tree, prefix, inherited, zones):
        if tree is None:
            return
        zone = tree if tree[0] is not None else tree[1] or inherited
        if zone != inherited:
            zones[prefix] = zone
        if tree[0] is None:
            for digit, child in enumerate(tree[2]):
                self.emit(child, f"{prefix}{digit}", zone, zones)


def describe(calling_code, zone):
    """Return (code, name, country, kind) of a zone."""
    region, kind, network = zone
    if calling_code in GLOBAL:
        code, name, kind = GLOBAL[calling_code]
        if network:
            code, name = f"{code}-{slug(network)}", f"{name} - {network}"
        return code, name, "", kind
    suffix, label = BY_KIND[kind]
    if region == SHARED_NANP:
        return f"NANP-{suffix}", f"North America - {label}", "", kind
    code, name = f"{region}-{suffix}", f"{region_name(region)} - {label}"
    if network:
        code, name = f"{code}-{slug(network)}", f"{name} - {network}"
    return code, name, ISO.get(region, region), kind


def nearest(zones, number):
    """Return the zone of the longest prefix of ``number`` in a dict, else None."""
    ends = range(len(number), 0, -1)
    return next((zones[number[:end]] for end in ends if number[:end] in zones), None)


def build():
    """Return the rows of the file, sorted by code."""
    carriers, above = carrier_names()
    rows, prefixes = {}, {}
    for number in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE):
        calling_code = str(number)
        zones = Builder(calling_code, carriers, above).walk()
        codes = {}
        for prefix, zone in sorted(zones.items()):
            code, *rest = describe(calling_code, zone)
            if nearest(codes, prefix[:-1]) != code:
                rows.setdefault(code, rest)
                prefixes.setdefault(code, []).append(prefix)
                codes[prefix] = code
    return [
        (code, *rows[code], " ".join(sorted(prefixes[code]))) for code in sorted(rows)
    ]


def write(rows, path):
    with open(path, "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows(rows)


def samples():
    """Yield (number, region): every type's example and its valid neighbours."""
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    for region in sorted(r for regions in codes.values() for r in regions):
        if region == "001":
            continue
        for kind in range(phonenumbers.PhoneNumberType.VOICEMAIL + 1):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            text = phonenumbers.format_number(
                example, phonenumbers.PhoneNumberFormat.E164
            )
            for tail in ("", "000", "505", "999"):
                number = text[: len(text) - len(tail)] + tail
                parsed = phonenumbers.parse(number)
                if not tail:
                    yield number[1:], region
                elif phonenumbers.is_valid_number(parsed):
                    yield number[1:], phonenumbers.region_code_for_number(parsed)


def index(rows):
    """Return ({prefix: row}, errors of form, double prefixes, uncovered codes)."""
    errors, zones = [], {}
    for row in rows:
        for prefix in row["prefixes"].split():
            if prefix in zones:
                errors.append(f"{prefix} is in {zones[prefix]['code']}, {row['code']}")
            if not re.fullmatch(r"[1-9]\d{0,14}", prefix, re.ASCII):
                errors.append(f"{prefix} of {row['code']} is no E.164 prefix")
            zones[prefix] = row
    for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        if str(code) not in zones:
            errors.append(f"calling code {code} has no prefix")
    return zones, errors


def check(rows):
    """Return (errors, {region: zones of another country}, number of samples)."""
    zones, errors = index(rows)
    exceptions, count = {}, 0
    for number, region in samples():
        count += 1
        zone = nearest(zones, number)
        if zone is None:
            errors.append(f"{number} has no zone")
        elif zone["country"] != ISO.get(region, region):
            exceptions.setdefault(region, set()).add(zone["code"])
            if not unavoidable(region, zone["code"]):
                errors.append(f"{region} number {number} falls into {zone['code']}")
    return errors, exceptions, count


def unavoidable(region, code):
    """Tell whether numbers of ``region`` may lie in zone ``code``."""
    if code.startswith(f"{SHARED_NANP}-"):
        return phonenumbers.country_code_for_region(region) == 1
    return code.partition("-")[0] in SHARED_RANGES.get(region, "").split()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="check the written file")
    parser.add_argument("--output", type=Path, default=DATA / "destinations.csv")
    options = parser.parse_args()
    if not options.check:
        write(build(), options.output)
    with open(options.output, newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    errors, exceptions, count = check(rows)
    prefixes = sum(len(row["prefixes"].split()) for row in rows)
    print(f"{len(rows)} zones, {prefixes} prefixes, {count} example numbers")
    for region, codes in sorted(exceptions.items()):
        print(f"shared ranges: {region} in {', '.join(sorted(codes))}")
    for error in errors:
        print(f"error: {error}", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
