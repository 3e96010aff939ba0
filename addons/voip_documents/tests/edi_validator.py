"""Holds an electronic invoice (standard input) to the rules; prints what fails.

A program of its own: Odoo's import hooks hide the data files of python-stdnum, which
factur-x reads.
"""

import sys

import facturx
import mockeinvoice


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def main():
    xml = sys.stdin.buffer.read()
    if b"oasis:names:specification:ubl" in xml:
        _document, report = mockeinvoice.validate(xml)
        for found in report.failures:
            say(found.code, found.path, found.text)
        if report.verdict != "valid":
            say("Peppol:", report.verdict)
    try:
        facturx.xml_check_xsd(xml)
        facturx.xml_check_schematron(xml)
    except Exception as error:  # each kind of finding has one of its own
        say(type(error).__name__, error)


if __name__ == "__main__":
    main()
