import { registry } from "@web/core/registry";
import { BinaryField, binaryField } from "@web/views/fields/binary/binary_field";

import { onPatched, useRef } from "@odoo/owl";

/** A file whose button the keyboard reaches, too: Odoo's is a label, which Tab passes. */
export class VoipFileField extends BinaryField {
    static template = "voip_billing_base.FileField";

    setup() {
        super.setup();
        this.choose = useRef("choose");
        onPatched(() => this.focusAgain());
    }

    update(file) {
        this.isChosen = true;
        return super.update(file);
    }

    /** The button that was pressed is gone: go on from the one in its place. */
    focusAgain() {
        if (this.isChosen && this.choose.el) {
            this.isChosen = false;
            this.choose.el.focus();
        }
    }
}

registry.category("fields").add("voip_file", { ...binaryField, component: VoipFileField });
