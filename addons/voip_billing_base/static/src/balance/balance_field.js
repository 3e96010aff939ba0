import { Component } from "@odoo/owl";
import { getCurrency } from "@web/core/currency";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A balance with the decimals of its currency; the exact one on hover. */
export class BalanceField extends Component {
    static template = "voip_billing_base.BalanceField";
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get text() {
        const decimals = getCurrency(this.props.record.data.currency_id?.id)?.digits[1];
        return formatFloat(this.value, { digits: [16, decimals ?? 2] });
    }
}

registry.category("fields").add("voip_balance", {
    component: BalanceField,
    supportedTypes: ["float"],
    fieldDependencies: [{ name: "currency_id", type: "many2one", readonly: true }],
});
