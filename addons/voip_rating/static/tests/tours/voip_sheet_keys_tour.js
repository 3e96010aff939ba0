import { registry } from "@web/core/registry";

const SHEET =
    "Code;Destination;Price per minute;Effective date\n44;UK;0.02;05/06/2099\n";

/** Choose a file as a person does in the browser's own dialog. */
function chooseFile(input, name, text) {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name, { type: "text/csv" }));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

const SHAPE = ".o_field_widget[name='shape'] input";
const enabled = (name) => `.o_form_view button[name='${name}']:enabled`;
// The button that Enter presses, because it has the focus.
const yes = {
    content: "yes",
    trigger: ".modal footer .btn-primary:focus",
    run: "click",
};
const press = (content, trigger, keys) => ({ content, trigger, run: `press ${keys}` });
// What is typed while the answer is on its way would be replaced by it.
const saved = { content: "it is saved", trigger: ".o_form_saved" };
const at = (state) => `.o_statusbar_status .o_arrow_button_current:contains(${state})`;

/** Each step of a sheet by its key, as docs/rate_sheets.md names them. */
registry.category("web_tour.tours").add("voip_sheet_keys_tour", {
    steps: () => [
        press("import rates", enabled("action_import_rates"), "Alt+q"),
        {
            content: "the file has a button that Tab reaches",
            trigger: ".o_field_widget[name='file'] button.o_select_file_button",
            run() {
                const field = this.anchor.closest(".o_field_widget");
                chooseFile(field.querySelector("input[type='file']"), "r.csv", SHEET);
            },
        },
        {
            content: "the keyboard goes on at the file that was chosen",
            trigger: ".o_field_widget[name='file'] button.fa-pencil:focus",
        },
        press("save", ".o_form_button_save", "Alt+s"),
        saved,
        {
            content: "the order of the dates is asked: what is typed opens its menu",
            trigger: SHAPE,
            run: "edit Day",
        },
        {
            content: "the order that begins with the day stands first",
            trigger: ".o_select_menu_item.focus:contains(Day, month, year)",
        },
        press("it is chosen", SHAPE, "Enter"),
        {
            content: "the menu is closed",
            trigger: ".o_form_view:not(:has(.o_select_menu_item))",
        },
        press("save the order", ".o_form_button_save", "Alt+s"),
        saved,
        {
            content: "Tab stops at the rows, though none is added",
            trigger: ".o_field_widget[name='column_ids'] td[tabindex='0']",
        },
        press("preview", enabled("action_preview"), "Alt+q"),
        press("apply", enabled("action_apply"), "Alt+w"),
        yes,
        // A busy machine takes longer than a step usually may.
        { ...press("undo", enabled("action_undo"), "Alt+y"), timeout: 60_000 },
        yes,
        { content: "it is undone", trigger: at("Undone") },
    ],
});
