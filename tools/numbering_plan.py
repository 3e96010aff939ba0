"""Automaton over the digit patterns of one numbering plan.

Reads the subset of regular expressions that libphonenumber's metadata uses: digits,
``\\d``, classes, ``(?:a|b)``, ``{n}``, ``{n,m}`` and ``?``.
"""

import re
from functools import cache

ACCEPT = 0


class Plan:
    """Nondeterministic automaton; a state set stands for what may follow."""

    token = re.compile(r"\(\?:|\[[\d-]+\]|\{\d+(?:,\d+)?\}|\\d|[\d|)?]")

    def __init__(self):
        self.edges = [None]  # state -> (digits, next) or a tuple of empty moves

    def add(self, pattern):
        """Return the start states of ``pattern``."""
        tokens = self.token.findall(pattern)
        if "".join(tokens) != pattern:
            raise ValueError(f"unknown syntax in pattern {pattern!r}")
        tree = self._alternatives(tokens)
        if tokens:
            raise ValueError(f"unbalanced pattern {pattern!r}")
        return self._closure([self._build(tree, ACCEPT)])

    def _alternatives(self, tokens):
        branches = [[]]
        while tokens and tokens[0] != ")":
            token = tokens.pop(0)
            if token == "|":
                branches.append([])
            elif token[0] == "{" or token == "?":
                counts = "0,1" if token == "?" else token.strip("{}")
                low, _comma, high = counts.partition(",")
                repeated = branches[-1].pop()
                branches[-1].append(("rep", repeated, int(low), int(high or low)))
            elif token == "(?:":
                branches[-1].append(("alt", self._alternatives(tokens)))
                tokens.pop(0)
            else:
                branches[-1].append(("set", digits_of(token)))
        return branches

    def _state(self, edge):
        self.edges.append(edge)
        return len(self.edges) - 1

    def _build(self, branches, after):
        starts = []
        for branch in branches:
            state = after
            for node in reversed(branch):
                state = self._build_node(node, state)
            starts.append(state)
        return self._state(tuple(starts)) if len(starts) > 1 else starts[0]

    def _build_node(self, node, after):
        if node[0] == "set":
            return self._state((node[1], after))
        if node[0] == "alt":
            return self._build(node[1], after)
        _rep, inner, low, high = node
        state = after
        for _optional in range(high - low):
            state = self._state((self._build_node(inner, state), after))
        for _required in range(low):
            state = self._build_node(inner, state)
        return state

    def _closure(self, states):
        seen, todo = set(), list(states)
        while todo:
            state = todo.pop()
            edge = self.edges[state]
            if edge is None or isinstance(edge[0], str):
                seen.add(state)
            else:
                todo.extend(edge)
        return frozenset(seen)

    @cache  # noqa: B019  (a plan lives as long as the script)
    def step(self, states, digit):
        edges = [self.edges[state] for state in states if state != ACCEPT]
        return self._closure(after for digits, after in edges if digit in digits)


def digits_of(token):
    """Return the digits that a token of a pattern accepts."""
    if token == r"\d":
        return "0123456789"
    found = ""
    for low, high in re.findall(r"(\d)(?:-(\d))?", token):
        found += "".join(str(d) for d in range(int(low), int(high or low) + 1))
    return found
