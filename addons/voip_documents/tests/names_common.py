"""What a file may be called on any system, in any header and archive."""

import unicodedata

RESERVED = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    f"{name}{digit}" for name in ("COM", "LPT") for digit in "0123456789¹²³"
}
REFUSED = set('\\/:*?"<>|%;\'`$&{}~\n\r\t\0')


class PlainNames:
    def assertPlainName(self, name):
        """``name`` has an ending, no way out of its folder and no mark of a system."""
        stem, _dot, ending = name.rpartition(".")
        self.assertRegex(ending, r"^[a-z]{2,8}$")
        self.assertTrue(stem.strip(" ."))
        self.assertEqual(stem, stem.strip(" .-"))
        self.assertFalse(REFUSED & set(name))
        self.assertNotIn("..", name)
        self.assertLessEqual(len(name), 100)
        self.assertLessEqual(len(name.encode()), 255)
        self.assertNotIn(name.split(".")[0].strip().upper(), RESERVED)
        kinds = {unicodedata.category(mark) for mark in name}
        # Controls, marks of direction, halves of characters, breaks of lines.
        self.assertFalse(kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
