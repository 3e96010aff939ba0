"""Two of our add-ons do not give one name to two things of a model."""

import inspect

from odoo.tests import TransactionCase, tagged

SUITE = "odoo.addons.voip_"
# Replaced on purpose: what mails a notice without documents does not where they are,
# and who has a number is known where there are numbers.
REPLACED = {
    ("voip.rate.notice", "_deliver"),
    ("voip.number.holder", "_caller_rules"),
    ("voip.number.holder", "_note_callers"),
    ("voip.number.holder", "_spans"),
}


@tagged("post_install", "-at_install")
class TestOverrides(TransactionCase):
    """A method that another add-on has is extended, or fills what a mixin leaves open.

    A name that is taken by chance is called with other arguments, or takes the place of
    what nobody calls any more.
    """

    def test_an_extension_calls_what_it_extends(self):
        found = {
            (name, method)
            for name, method, pairs in self._overridden()
            for ours, theirs in pairs
            if name in (theirs[0]._name, theirs[0]._inherit)
            and "super(" not in inspect.getsource(ours[1])
        }
        self.assertEqual(found, REPLACED)

    def test_a_method_of_a_mixin_keeps_its_arguments(self):
        for name, method, pairs in self._overridden():
            for ours, theirs in pairs:
                with self.subTest(model=name, method=method):
                    mine, other = map(arguments, (ours[1], theirs[1]))
                    self.assertEqual(mine[: len(other)], other)

    def _overridden(self):
        """(model, method, [(what overrides, what is overridden)]) across add-ons."""
        for name, model in self.env.registry.items():
            found = {}
            for cls in model.mro():
                if not cls.__module__.startswith(SUITE):
                    continue
                for method, function in vars(cls).items():
                    function = getattr(function, "__func__", function)
                    if inspect.isfunction(function):
                        found.setdefault(method, []).append((cls, function))
            for method, given in found.items():
                pairs = [
                    pair
                    for pair in zip(given, given[1:], strict=False)
                    if addon(pair[0][0]) != addon(pair[1][0])
                ]
                if pairs:
                    yield name, method, pairs


def addon(cls):
    return cls.__module__.split(".")[2]


def arguments(function):
    """Names of what it takes; those that only it knows may follow with defaults."""
    return [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind
        not in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    ]
