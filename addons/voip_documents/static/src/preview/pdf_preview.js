import { Component, onWillDestroy, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { useRecordObserver } from "@web/model/relational_model/utils";

/** A PDF in base64, shown beside what makes it, while it is edited. */
export class VoipPdfPreview extends Component {
    static template = "voip_documents.PdfPreview";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ url: "" });
        useRecordObserver((record) => this.show(record.data[this.props.name]));
        onWillDestroy(() => this.release());
    }

    show(content) {
        if (content === this.content) {
            return;
        }
        this.content = content;
        this.release();
        if (!content) {
            this.state.url = "";
            return;
        }
        const bytes = Uint8Array.from(atob(content), (mark) => mark.charCodeAt(0));
        this.blob = URL.createObjectURL(new Blob([bytes], { type: "application/pdf" }));
        const file = encodeURIComponent(this.blob);
        this.state.url = `/web/static/lib/pdfjs/web/viewer.html?file=${file}#zoom=page-width`;
    }

    release() {
        if (this.blob) {
            URL.revokeObjectURL(this.blob);
            this.blob = null;
        }
    }
}

registry.category("fields").add("voip_pdf_preview", {
    component: VoipPdfPreview,
    supportedTypes: ["text"],
});
