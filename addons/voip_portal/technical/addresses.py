"""Addresses that a customer types for a trunk."""

import ipaddress
import re

_SPLIT = re.compile(r"[\s,;]+")
MOST = 20
LONGEST = 1000
# Networks by IP version: larger ones are no customer's; larger than a few addresses
# they are looked at by staff first.
LARGEST = {4: 24, 6: 48}
USUAL = {4: 28, 6: 64}


class BadAddress(ValueError):
    """Why an address cannot be a customer's: ``none``, ``many``, ``wrong``, ``large``.

    :ivar code: one of these
    :ivar text: what was typed, short
    """

    def __init__(self, code, text=""):
        super().__init__(code)
        self.code = code
        self.text = text[:60]


def networks_of(text):
    """The networks of a text, each once, in order.

    :param text: addresses or networks, separated by spaces or commas
    :return: list of :mod:`ipaddress` networks
    :raises BadAddress: there is none, one is none, or too large, or they are too many
    """
    parts = list(filter(None, _SPLIT.split(text)))
    if not parts:
        raise BadAddress("none")
    if len(parts) > MOST or len(text) > LONGEST:
        raise BadAddress("many")
    return list(dict.fromkeys(map(_network, parts)))


def is_usual(network):
    """Whether a network is a public one of few addresses."""
    few = network.prefixlen >= USUAL[network.version]
    return few and network.is_global and not network.is_multicast


def _network(text):
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise BadAddress("wrong", text) from error
    if network.prefixlen < LARGEST[network.version]:
        raise BadAddress("large", text)
    return network
