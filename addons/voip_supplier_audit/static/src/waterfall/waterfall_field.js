import { Component } from "@odoo/owl";
import { getCurrency } from "@web/core/currency";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Steps from billed to ours as bars; a click opens what a step is made of. */
export class WaterfallField extends Component {
    static template = "voip_supplier_audit.WaterfallField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get steps() {
        return this.value?.steps || [];
    }

    /** Where the bars begin; 0: at zero. */
    get begin() {
        return parseFloat(this.value?.from || 0);
    }

    format(amount) {
        const decimals = getCurrency(this.props.record.data.currency_id?.id)?.digits[1];
        return formatFloat(amount, { digits: [16, decimals ?? 2] });
    }

    open(step) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: step.label,
            res_model: step.model,
            views: [
                [false, "list"],
                [false, "kanban"],
                [false, "form"],
            ],
            domain: step.domain,
        });
    }
}

registry.category("fields").add("voip_waterfall", {
    component: WaterfallField,
    supportedTypes: ["json"],
    fieldDependencies: [{ name: "currency_id", type: "many2one", readonly: true }],
});
