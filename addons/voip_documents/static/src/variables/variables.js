import { Component, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What kind of column shows a variable, by its name and an example of its value. */
export function kindOfColumn({ name, value }) {
    if (name.endsWith("seconds")) {
        return "duration";
    }
    if (/^\d{4}-\d{2}-\d{2}$/.test(value)) {
        return "date";
    }
    const isNumber = /\b(amount|balance|calls|debit|credit|quantity|price|rate|tax|total)$/;
    return isNumber.test(name) && /^-?\d+(\.\d+)?$/.test(value) ? "number" : "text";
}

/** The heading that a column begins with: the last word of its variable. */
export function headingOf(name) {
    const words = name.split(".").slice(-1)[0].replaceAll("_", " ");
    return words[0].toUpperCase() + words.slice(1);
}

/**
 * The variables of a document. One click puts one where the cursor of the editor is, or
 * adds a column to a table.
 */
export class VoipVariables extends Component {
    static template = "voip_documents.Variables";
    static props = { ...standardFieldProps };

    setup() {
        this.notification = useService("notification");
        this.state = useState({ words: "" });
    }

    get isTable() {
        const { format, workbook } = this.props.record.data;
        return format === "csv" || (format === "xlsx" && !workbook);
    }

    get variables() {
        const words = this.state.words.trim().toLowerCase();
        let all = this.props.record.data[this.props.name] || [];
        if (this.isTable) {
            all = all.filter((each) => each.in_table);
        }
        return words
            ? all.filter((each) => `${each.name} ${each.value}`.toLowerCase().includes(words))
            : all;
    }

    /** The cursor's editor of the HTML; none where the template is a table. */
    get editor() {
        const element = document.querySelector(".o_field_widget[name='body'] .ace_editor");
        return element?.offsetParent ? element.env?.editor : undefined;
    }

    async put(variable) {
        const editor = this.editor;
        if (editor) {
            editor.insert(variable.text);
            editor.focus();
        } else if (this.isTable && this.props.record.isInEdition) {
            await this.addColumn(variable);
        } else {
            await browser.navigator.clipboard.writeText(variable.text);
            this.notification.add(_t("%s is on the clipboard.", variable.text), { type: "info" });
        }
    }

    /** A column behind the others; its heading and kind may be changed there. */
    async addColumn(variable) {
        const columns = this.props.record.data.column_ids;
        await columns.leaveEditMode();
        const context = {
            default_heading: headingOf(variable.name),
            default_path: variable.name,
            default_kind: kindOfColumn(variable),
        };
        await columns.addNewRecord({ position: "bottom", mode: "readonly", context });
        this.notification.add(_t("%s is the last column now.", variable.name), { type: "info" });
    }
}

registry.category("fields").add("voip_variables", {
    component: VoipVariables,
    supportedTypes: ["json"],
});
