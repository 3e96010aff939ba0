"""A mail, and what becomes of it when a provider is asked to send it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mail:
    """What a provider needs.

    ``key`` is a UUID that no other mail ever has; people are ``(name, address)``,
    files ``(name, media type, bytes)``; ``template`` is a template's number at the
    provider, with ``params`` for it, instead of ``html``.
    """

    key: str
    sender: tuple
    to: tuple
    subject: str
    html: str
    files: tuple = ()
    template: int = 0
    params: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it: its own id of the message, and addresses it refused."""

    message: str
    refused: dict = field(default_factory=dict)


class Outcome(Exception):
    """The provider did not take the mail; ``reason`` is its own short text."""

    def __init__(self, reason, wait=0):
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


class Refused(Outcome):
    """Not sent, and this mail never will be as it is."""


class Away(Outcome):
    """Not sent; the provider takes nothing now. ``wait``: seconds it asks for."""


class Unsure(Outcome):
    """Nobody here knows whether it was sent."""
