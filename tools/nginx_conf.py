"""Read an nginx configuration, and tell what holds at a location of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<mark>[{};])|(?P<word>(?:\$\{\w+\}|[^\s{};"'])+)"""
)


@dataclass(slots=True)
class Directive:
    """One directive; ``block`` holds those within its braces, None: it has none."""

    name: str
    values: list[str]
    block: "Block | None" = None


@dataclass(slots=True)
class Block:
    """What stands within braces; ``parent`` is the block around it."""

    parent: "Block | None" = None
    values: list[str] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)

    def named(self, name: str) -> list[Directive]:
        return [found for found in self.directives if found.name == name]

    def blocks(self, name: str) -> list["Block"]:
        return [found.block for found in self.named(name) if found.block]

    def effective(self, name: str) -> list[list[str]]:
        """Values of a directive here; a block that has one drops the inherited ones."""
        found = [directive.values for directive in self.named(name)]
        if found or not self.parent:
            return found
        return self.parent.effective(name)

    def within(self) -> Iterator["Block"]:
        """This block and all in it."""
        yield self
        for directive in self.directives:
            if directive.block:
                yield from directive.block.within()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise ValueError(f"cannot be read: {text[position : position + 40]!r}")
        position = match.end()
        kind = match.lastgroup
        if kind == "quoted":
            yield kind, match[0][1:-1]
        elif kind:
            yield kind, match[0]


def parse(text: str) -> Block:
    """The blocks of a configuration.

    :raises ValueError: braces or quotes that do not match
    """
    block, words = Block(), []
    for kind, token in _tokens(text):
        if kind != "mark":
            words.append(token)
        elif token == "}":
            if words or not block.parent:
                raise ValueError("a brace or semicolon is missing")
            block = block.parent
        else:
            if not words:
                raise ValueError(f"nothing before {token}")
            directive = Directive(words[0], words[1:])
            block.directives.append(directive)
            if token == "{":
                directive.block = block = Block(block, words[1:])
            words = []
    if words or block.parent:
        raise ValueError("a brace or semicolon is missing")
    return block


def location_of(server: Block, path: str) -> Block:
    """The location that answers a path: exact, then pattern, then longest prefix."""
    best, longest = server, -1
    patterns = []
    for block in server.blocks("location"):
        kind, name = (["", *block.values])[-2:]
        if kind == "=" and name == path:
            return block
        if kind in ("~", "~*"):
            patterns.append((re.compile(name, re.I if kind == "~*" else 0), block))
        elif kind in ("", "^~") and path.startswith(name) and len(name) > longest:
            best, longest = block, len(name)
    if best.values[:1] == ["^~"]:
        return best
    return next((block for regex, block in patterns if regex.search(path)), best)
