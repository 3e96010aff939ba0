import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const SHEET = "Code;Destination;Zzz\n44;UK;0.02\n33;France;0.03\n";

/** Choose a file as a person does in the browser's own dialog. */
function chooseFile(input, name, text) {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name, { type: "text/csv" }));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

registry.category("web_tour.tours").add("voip_sheet_tour", {
    steps: () => [
        {
            content: "the deck offers to import",
            trigger: "button[name='action_import_rates']",
            run: "click",
        },
        {
            content: "choose the file",
            trigger: ".o_form_view .o_field_widget[name='file']",
            run() {
                const input = this.anchor.querySelector("input[type='file']");
                chooseFile(input, "rates.csv", SHEET);
            },
        },
        {
            content: "the file is there",
            trigger: ".o_field_widget[name='file'] .o_clear_file_button",
        },
        ...stepUtils.saveForm(),
        {
            content: "its columns are found, but what the last one is",
            trigger: ".o_data_row:contains(Zzz) td[name='target']",
            run: "click",
        },
        {
            content: "open the choices",
            trigger: ".o_data_row.o_selected_row td[name='target'] input",
            run: "click",
        },
        {
            content: "it is the price",
            trigger: ".o_select_menu_item:contains(/^Price per minute$/)",
            run: "click",
        },
        ...stepUtils.saveForm(),
        {
            content: "preview",
            trigger: "button[name='action_preview']:enabled",
            run: "click",
        },
        {
            content: "one price rises",
            trigger: "button[name='action_view_rows']:contains(Increased):contains(1)",
        },
        {
            content: "apply",
            trigger: "button[name='action_apply']",
            run: "click",
        },
        {
            content: "confirm",
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "it is applied",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Applied)",
        },
        {
            content: "undo",
            trigger: "button[name='action_undo']",
            run: "click",
        },
        {
            content: "confirm",
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "it is undone",
            trigger: "body:not(:has(button[name='action_undo'])) .o_form_view",
        },
    ],
});
