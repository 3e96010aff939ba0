"""Files and records with service charges, damaged: what is charged of the rest."""

from random import Random

from odoo.tests import tagged

from .test_format_ways import FormatsCase, moved
from .test_formats import SAMPLES
from .test_formats_mutated import VALUES, mutations

NUMBERS = range(200)
SEEDS = 4


@tagged("post_install", "-at_install")
class TestMutatedCharges(FormatsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        product = cls.env["product.product"].create({"name": "Rental"})
        service = cls.env["voip.service"].create(
            {
                "name": "Rental",
                "code": "RENT",
                "unit": "unit",
                "product_id": product.id,
            }
        )
        cls.format = cls.env.ref("voip_rating.format_uk_standard").copy()
        cls.format.write(
            {
                "charge_values": "S",
                "charge_service_id": service.id,
                "field_ids": [
                    (0, 0, {"target": "charge_amount", "source": "salesprice"}),
                    (0, 0, {"target": "charge_description", "source": "description"}),
                    (
                        0,
                        0,
                        {
                            "target": "charge_currency",
                            "transform": "constant",
                            "argument": cls.env.company.currency_id.name,
                        },
                    ),
                ],
            }
        )
        sample = (SAMPLES / "uk_standard.csv").read_text().splitlines()[2]
        cls.line = moved(sample, cls.yesterday)

    def _amount(self, number):
        return 1 + number % 7 + number / 1_000

    def _lines(self):
        return [
            self.line.replace("UK-3", f"id-{number:03d}")
            .replace("9.5000,9.5000", f"{self._amount(number):.3f},99")
            .encode()
            for number in NUMBERS
        ]

    def assertCharged(self, batch, hurt):
        """Every charge but the hurt ones has its right amount, once."""
        self.assertEqual(batch.received + batch.skipped, batch.lines)
        parts = ("rated", "zero_rated", "in_error", "duplicates")
        self.assertEqual(batch.received, sum(batch[name] for name in parts))
        usage = self.env["voip.usage"].search([("batch_id", "=", batch.id)])
        amounts = {use.source_ref: use.amount for use in usage}
        self.assertEqual(len(amounts), len(usage))
        for number in NUMBERS:
            if f"id-{number:03d}" not in hurt:
                found = amounts[f"id-{number:03d}"]
                self.assertAlmostEqual(found, self._amount(number), 8, number)

    def test_what_is_charged_of_damaged_files_is_of_whole_rows(self):
        for seed in range(SEEDS):
            with self.subTest(seed=seed):
                data, rows = mutations(self._lines(), 0, seed)
                batch = self.env["voip.cdr.batch"]._take_file(
                    self._create_switch(), data, "charges.csv", self.format
                )
                batch._rate_here()
                ids = [f"id-{number:03d}" for number in NUMBERS]
                hurt = {i for i in ids if any(i.encode() in row for row in rows)}
                self.assertLess(len(hurt), 125)
                self.assertCharged(batch, hurt)
        self.assertWhole()

    def test_what_is_charged_of_damaged_records_is_of_whole_ones(self):
        names = self.format._compiled().names
        random, records, hurt = Random(1), [], set()
        for number, line in enumerate(self._lines()):
            cells = line.decode().replace('"', "").split(",")
            record = dict(zip(names, cells, strict=False))
            if number < 2 * len(VALUES):
                hurt.add(record["record_id"])
                record[random.choice(list(record))] = VALUES[number // 2]
            records.append(record)
        answer = self.env["voip.cdr"].ingest(
            self._create_switch(format_id=self.format.id).code,
            records,
            format=self.format.code,
            rate_now=True,
        )
        self.assertEqual(answer["received"] + answer["skipped"], len(records))
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        self.assertCharged(batch, hurt)
        self.assertWhole()
