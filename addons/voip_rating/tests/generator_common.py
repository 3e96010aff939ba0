from .import_common import NOW, ImportCommon


def rate(prefix, price="0.01", **values):
    return {"prefix": prefix, "price_per_minute": price, **values}


class GeneratorCommon(ImportCommon):
    def _supplier(self, *rates, **values):
        return self._create_deck(rates, side="supplier", **values)

    def _generator(self, *sources, deck=None, weights=(), **values):
        deck = deck or self._create_deck()
        weights = weights or [1] * len(sources)
        return self.env["voip.rate.generator"].create(
            {
                "deck_id": deck.id,
                "decimals": 8,
                "source_ids": [
                    (0, 0, {"deck_id": source.id, "weight": weight})
                    for source, weight in zip(sources, weights, strict=True)
                ],
                **values,
            }
        )

    def _prices(self, generator, moment=NOW):
        rows = generator.deck_id.export_rows(moment)
        return {row["prefix"]: f"{row['price_per_minute'].normalize():f}"
                for row in rows}

    def _generated(self, *sources, **values):
        generator = self._generator(*sources, **values)
        generator._generate()
        return self._prices(generator)
