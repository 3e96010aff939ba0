"""Which model of the catalogue a name means that a provider or a switch writes."""

import re
from dataclasses import dataclass
from fnmatch import translate

WILD = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class Named:
    """A model, its provider's id and code, and its names: any of them may have ``*``
    (any characters) and ``?`` (one)."""

    id: int
    provider_id: int
    provider: str
    names: tuple


class Catalogue:
    """Models by name; capitals do not matter."""

    def __init__(self, models):
        self._exact, self._wild, self._found = {}, [], {}
        for model in models:
            for name in {name.strip().lower() for name in model.names} - {""}:
                if not WILD.search(name):
                    self._exact.setdefault(name, []).append(model)
                    continue
                # A bracket is a character of a name, never a set of them.
                form = re.compile(translate(name.replace("[", "[[]")))
                self._wild.append((len(WILD.sub("", name)), form, model))
        self._wild.sort(key=lambda one: -one[0])

    def find(self, name, provider=""):
        """(:class:`Named` or None, error code or "").

        An exact name counts before one with wildcards, of these the one with the most
        other characters. Two models that fit alike are nobody's guess.

        :param provider: code of the provider; "": any
        """
        key = name.strip().lower(), provider.strip().lower()
        if key not in self._found:
            self._found[key] = self._look(*key)
        return self._found[key]

    def _look(self, name, provider):
        fits = [
            model
            for model in self._exact.get(name, ())
            if provider in ("", model.provider.lower())
        ]
        if not fits:
            wild = [
                (size, model)
                for size, form, model in self._wild
                if provider in ("", model.provider.lower()) and form.match(name)
            ]
            fits = [model for size, model in wild if size == wild[0][0]]
        ids = {model.id for model in fits}
        if not ids:
            return None, "unknown_model"
        return (fits[0], "") if len(ids) == 1 else (None, "ambiguous_model")
