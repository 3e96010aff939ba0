import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("voip_template_tour", {
    steps: () => [
        {
            content: "the cursor is at the end of the HTML",
            trigger: ".o_field_widget[name='body'] .ace_editor",
            run() {
                this.anchor.env.editor.navigateFileEnd();
            },
        },
        {
            content: "open the variables",
            trigger: ".o_voip_variables_box summary",
            run: "click",
        },
        {
            content: "look for a variable",
            trigger: ".o_voip_variables_search",
            run: "edit customer.vat",
        },
        {
            content: "put it where the cursor is",
            trigger: "[data-variable='customer.vat']",
            run: "click",
        },
        {
            content: "it is in the editor",
            trigger: ".o_field_widget[name='body'] .ace_content:contains({{ customer.vat }})",
        },
        {
            content: "the preview is there",
            trigger: "iframe.o_voip_pdf_preview",
        },
        ...stepUtils.saveForm(),
        {
            content: "what publishing would change",
            trigger: ".o_notebook a[name='changes']",
            run: "click",
        },
        {
            content: "the new line is among the changes",
            trigger: ".o_field_widget[name='changes_html'] .text-success:contains({{ customer.vat }})",
        },
        {
            content: "publish",
            trigger: "button[name='action_publish']",
            run: "click",
        },
        {
            content: "version 2 is published",
            trigger: ".o_notification:contains(Version 2 is published)",
        },
    ],
});
