import { registry } from "@web/core/registry";
import { FloatField, floatField } from "@web/views/fields/float/float_field";
import { formatFloat } from "@web/views/fields/formatters";

/** A price that need not be: stored as -1, shown and typed as nothing. */
const NO_PRICE = -1;

/** Where another value than -1 is none, the option `none` says which. */
export class OptionalPriceField extends FloatField {
    static props = { ...FloatField.props, none: { type: Number, optional: true } };
    static defaultProps = { ...FloatField.defaultProps, none: NO_PRICE };

    parse(value) {
        return value.trim() ? super.parse(value) : this.props.none;
    }

    get formattedValue() {
        return this.value === this.props.none ? "" : super.formattedValue;
    }
}

registry.category("fields").add("voip_optional_price", {
    ...floatField,
    component: OptionalPriceField,
    supportedOptions: [
        ...floatField.supportedOptions,
        { label: "None", name: "none", type: "number", default: NO_PRICE },
    ],
    extractProps: (info, dynamicInfo) => ({
        ...floatField.extractProps(info, dynamicInfo),
        none: info.options.none ?? NO_PRICE,
    }),
});
registry
    .category("formatters")
    .add("voip_optional_price", (value, options) =>
        value === NO_PRICE ? "" : formatFloat(value, options)
    );
