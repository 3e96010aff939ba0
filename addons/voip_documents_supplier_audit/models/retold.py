"""What the audit says, in the language of the paper.

The audit keeps its sentences in English, as whoever reconciled an invoice read them;
the paper goes to a supplier who reads another language. A sentence is known again by
the template that it was made of.
"""

import re

from odoo.addons.voip_supplier_audit.engine.explain import (
    ALREADY,
    BOTH,
    BOUND,
    SUMMARY,
    TEXTS,
    TIES,
    TWICE,
)

NOTHING = "Nothing to explain: what is billed is ours."
# As it was said before prices were told.
OTHER_PRICE = "Another price than agreed: %(amount)s."
USUAL = "Billed %(theirs)s, our records say %(ours)s (%(found)s)."
_NAME = re.compile(r"%\\\((\w+)\\\)s")


def class_words(env):
    """{class: word}, of lines and of calls."""
    _ = env._
    return {
        "equal": _("Equal"),
        "missing_here": _("Missing here"),
        "missing_there": _("Missing there"),
        "duration": _("Duration"),
        "rate": _("Rate"),
        "rounding": _("Rounding"),
        "increments": _("Increments"),
        "time_zone": _("Time zone"),
        "period_edge": _("Edge of the period"),
        "late_increase": _("Late increase"),
        "old_rate": _("Old price"),
        "formula": _("Formula"),
        "precision": _("Rounded minutes"),
        "connect_fee": _("Connect fee"),
        "minimum": _("Minimum charge"),
        "unanswered": _("Unanswered billed"),
        "duplicate": _("Charged twice"),
        "swapped_names": _("Swapped lines"),
        "tax": _("Tax"),
        "fee": _("Fee"),
        "unknown_code": _("Unknown code"),
        "currency": _("Currency"),
        "credit": _("Credit"),
        "sum": _("Sum"),
        "other": _("Not explained"),
        # Of calls only.
        "effective_date": _("Old price"),
        "out_of_period": _("Of no such period"),
    }


def decision_words(env):
    """{decision: word} of a line."""
    _ = env._
    return {
        "": "",
        "open": _("Open"),
        "accepted": _("Accepted"),
        "disputed": _("Disputed"),
        "rejected": _("Rejected"),
    }


def step_words(env):
    """{key: word} of what a variance report goes through, from billed to ours."""
    _ = env._
    return {
        **class_words(env),
        "billed": _("Billed"),
        "gap": _("Total beside its lines"),
        "fees": _("Fees and taxes"),
        "unexplained": _("Not explained"),
        "ours": _("Our records"),
    }


def rounding_words(env):
    """{rounding as the audit says it: word}."""
    _ = env._
    return {
        "up": _("up"),
        "down": _("down"),
        "nearest": _("to the nearest"),
        "half up": _("half up"),
        "half even": _("half even"),
    }


class Retold:
    """Sentences of the audit in the language of ``env``."""

    def __init__(self, env):
        self.env = env
        self.classes, self.roundings = class_words(env), rounding_words(env)
        english = class_words(env(context={**env.context, "lang": "en_US"}))
        self._by_name = {word.lower(): key for key, word in english.items()}
        self._known = [
            (_pattern(text), env._(text))
            for text in (*TEXTS.values(), OTHER_PRICE, ALREADY, TWICE, USUAL, NOTHING)
        ]

    def sentence(self, text):
        """A sentence of the audit; what a person wrote stays as it is."""
        for pattern, told in self._known:
            found = pattern.fullmatch(text)
            if found:
                values = found.groupdict()
                if "found" in values:
                    values["found"] = self._class(values["found"])
                if "rounding" in values:
                    # Audits before named the mode as the engine does.
                    word = values["rounding"].replace("_", " ")
                    values["rounding"] = self.roundings.get(word, word)
                return told % values
        return text

    def why(self, text):
        """The summary of the causes, which names classes in small letters, and what
        may stand behind it."""
        for template, tell in ((TIES, self._ties), (BOUND, dict)):
            found = re.fullmatch(f"(.+) ({_pattern(template).pattern})", text)
            if found:
                tail = self.env._(template) % tell(found.groupdict())
                return f"{self.why(found[1])} {tail}"
        found = _pattern(SUMMARY).fullmatch(text)
        if not found:
            return self.sentence(text)
        values = found.groupdict()
        parts = [part.rpartition(" ") for part in values["parts"].split("; ")]
        values["parts"] = "; ".join(
            f"{self._class(name)}{gap}{money}" for name, gap, money in parts
        )
        return self.env._(SUMMARY) % values

    def _ties(self, values):
        both = self.env._(BOTH)
        ties = [tie.split(BOTH) for tie in values["kinds"].split("; ")]
        return {"kinds": "; ".join(both.join(map(self._class, tie)) for tie in ties)}

    def _class(self, name):
        return self.classes.get(self._by_name.get(name.lower()), name)


def _pattern(template):
    """A pattern of what ``template`` was filled to."""
    plain = re.escape(template.replace("%%", "%"))
    return re.compile(_NAME.sub(r"(?P<\1>.+?)", plain))
