import { Component, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The variables of a document; one click puts one where the cursor of the editor is. */
export class VoipVariables extends Component {
    static template = "voip_documents.Variables";
    static props = { ...standardFieldProps };

    setup() {
        this.notification = useService("notification");
        this.state = useState({ words: "" });
    }

    get variables() {
        const words = this.state.words.trim().toLowerCase();
        const all = this.props.record.data[this.props.name] || [];
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
            return;
        }
        const isWorkbook = this.props.record.data.format === "xlsx";
        const text = isWorkbook && this.props.record.data.workbook ? variable.text : variable.name;
        await browser.navigator.clipboard.writeText(text);
        this.notification.add(_t("%s is on the clipboard.", text), { type: "info" });
    }
}

registry.category("fields").add("voip_variables", {
    component: VoipVariables,
    supportedTypes: ["json"],
});
