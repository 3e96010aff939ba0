import { registry } from "@web/core/registry";
import { FloatField, floatField } from "@web/views/fields/float/float_field";
import { formatFloat } from "@web/views/fields/formatters";

/** A price that need not be: stored as -1, shown and typed as nothing. */
const NO_PRICE = -1;

export class OptionalPriceField extends FloatField {
    parse(value) {
        return value.trim() ? super.parse(value) : NO_PRICE;
    }

    get formattedValue() {
        return this.value === NO_PRICE ? "" : super.formattedValue;
    }
}

registry.category("fields").add("voip_optional_price", {
    ...floatField,
    component: OptionalPriceField,
});
registry
    .category("formatters")
    .add("voip_optional_price", (value, options) =>
        value === NO_PRICE ? "" : formatFloat(value, options)
    );
