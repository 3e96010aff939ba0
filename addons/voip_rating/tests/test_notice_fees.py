"""A first increment price and an attempt fee are told, as the increases they are."""

from odoo.tests import tagged

from .notice_common import NoticeCommon

SOON = "2025-12-20"


@tagged("post_install", "-at_install")
class TestNoticeFees(NoticeCommon):
    def _change(self, **values):
        self.deck._load(
            [{"prefix": "44", "price_per_minute": "0.01", "effective_from": SOON,
              **values}]
        )  # fmt: skip

    def _said(self, notice):
        return self._rows(notice, "prefix", "status", "old_price", "price")

    def test_what_costs_more_is_an_increase_and_is_written(self):
        for name, title in (
            ("first_price", "First increment price"),
            ("attempt_fee", "Attempt fee"),
        ):
            with self.subTest(name=name):
                savepoint = self.env.cr.savepoint()
                self._deliver()
                self._change(**{name: "0.02"})
                notice = self._deliver()
                self.assertEqual(
                    self._said(notice), [("44", "increased", 0.01, 0.01)]
                )
                first = name == "first_price"
                self.assertEqual(
                    self._rows(notice, "first_price", "has_first_price", "attempt_fee"),
                    [(0.02, True, 0) if first else (0, False, 0.02)],
                )
                head, line = self._csv(notice)
                self.assertEqual(line[head.index(title)], "0.02")
                self._change(**{name: "0.02", "effective_from": "2025-12-25"})
                self.assertFalse(self._notice())
                self._change(effective_from="2025-12-28")
                self.assertEqual(
                    self._said(self._notice()), [("44", "decreased", 0.01, 0.01)]
                )
                self.env.invalidate_all()
                savepoint.close(rollback=True)
                self.env.invalidate_all(flush=False)

    def test_a_first_price_that_is_the_price_per_minute_tells_nothing(self):
        self._deliver()
        self._change(first_price="0.01")
        self.assertFalse(self._notice())

    def test_a_cheaper_first_price_is_a_decrease(self):
        self._deliver()
        self._change(first_price="0.005")
        self.assertEqual(
            self._said(self._notice()), [("44", "decreased", 0.01, 0.01)]
        )
