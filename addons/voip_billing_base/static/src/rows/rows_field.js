import { registry } from "@web/core/registry";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { ListRenderer } from "@web/views/list/list_renderer";

import { onMounted, onPatched } from "@odoo/owl";

/** Rows that the keyboard reaches where nothing is added: Odoo's have no stop for Tab. */
export class VoipRowsRenderer extends ListRenderer {
    setup() {
        super.setup();
        onMounted(() => this.stopAtRows());
        onPatched(() => this.stopAtRows());
    }

    /** Enter takes what an open menu marks, before the list goes on to the next row. */
    onCellKeydown(ev, ...rest) {
        const isChoosing = document.querySelector(".o_select_menu_menu");
        if (isChoosing && ["Enter", "Escape"].includes(ev.key)) {
            return;
        }
        super.onCellKeydown(ev, ...rest);
    }

    /** Tab stops at the first row, arrows go on from it, Enter edits. */
    stopAtRows() {
        const cell = this.tableRef.el.querySelector("tr.o_data_row td.o_data_cell");
        cell?.setAttribute("tabindex", this.props.list.editedRecord ? "-1" : "0");
    }
}

export class VoipRowsField extends X2ManyField {
    static components = { ...X2ManyField.components, ListRenderer: VoipRowsRenderer };
}

registry.category("fields").add("voip_rows", {
    ...x2ManyField,
    component: VoipRowsField,
    supportedTypes: ["one2many"],
    additionalClasses: [...(x2ManyField.additionalClasses || []), "o_field_one2many"],
});
