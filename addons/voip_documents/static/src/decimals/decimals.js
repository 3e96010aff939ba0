import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useInputField } from "@web/views/fields/input_field_hook";
import { parseInteger } from "@web/views/fields/parsers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/** Below zero: a number keeps the decimals that it has. */
const ALL = -1;

/** How many decimals a column shows; empty: as many as the number has. */
export class VoipDecimals extends Component {
    static template = "voip_documents.Decimals";
    static props = { ...standardFieldProps };

    setup() {
        useInputField({
            getValue: () => this.shown,
            parse: (text) => (text.trim() ? parseInteger(text) : ALL),
        });
    }

    get isNumber() {
        return this.props.record.data.kind === "number";
    }

    get shown() {
        const decimals = this.props.record.data[this.props.name];
        return decimals < 0 ? "" : String(decimals);
    }

    get asMany() {
        return _t("all");
    }
}

registry.category("fields").add("voip_decimals", {
    component: VoipDecimals,
    supportedTypes: ["integer"],
});
