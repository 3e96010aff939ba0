"""The country of a number, by its first digits."""

from .words import BadNumberRow, e164

LONGEST = 4


class Codes:
    """Calling codes, each with the countries that have it."""

    def __init__(self, env):
        self._countries = {}
        for country in env["res.country"].search([("phone_code", ">", 0)]):
            self._countries.setdefault(str(country.phone_code), []).append(country.id)

    def proposed(self, number, known=False):
        """Id of the one country that a number may be of, else False.

        :param number: as it was typed
        :param known: id of a country that stays where the digits leave it open
        """
        try:
            digits = e164(number)
        except BadNumberRow:
            return known
        found = self._of(digits)
        if len(found) == 1:
            return found[0]
        return known if known in found or not found else False

    def _of(self, digits):
        for length in range(LONGEST, 0, -1):
            if found := self._countries.get(digits[:length]):
                return found
        return []
