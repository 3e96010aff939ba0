import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const ROOT_MENU = "voip_billing_base.voip_billing_menu_root";

/** Three answered calls of two months ago, when every period has closed. */
function callRecords() {
    const now = new Date();
    const day = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 2, 10));
    const date = day.toISOString().slice(0, 10);
    const rows = [1, 2, 3].map(
        (number) =>
            `tour-${number},442071234567,${date}T10:00:0${number}Z,60,yes,tour-trunk`
    );
    return ["call_id,called,start,duration,answered,trunk", ...rows].join("\n") + "\n";
}

/** Choose a file as a person does in the browser's own dialog. */
function chooseFile(input, name, text) {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name, { type: "text/csv" }));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

function openMenu(section, item) {
    return [
        {
            content: `open ${section}`,
            trigger: `.o_menu_sections [data-menu-xmlid="${section}"]`,
            run: "click",
        },
        {
            content: `open ${item}`,
            trigger: `.o-dropdown--menu [data-menu-xmlid="${item}"]`,
            run: "click",
        },
    ];
}

registry.category("web_tour.tours").add("voip_upload_tour", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "open the app",
            trigger: `.o_app[data-menu-xmlid="${ROOT_MENU}"]`,
            run: "click",
        },
        ...openMenu("voip_rating.voip_calls_menu", "voip_rating.voip_cdr_upload_menu"),
        {
            content: "the switch is there; choose the file",
            trigger: ".modal .o_field_widget[name='file']",
            run() {
                const input = this.anchor.querySelector("input[type='file']");
                chooseFile(input, "calls.csv", callRecords());
            },
        },
        {
            content: "the file is loaded",
            trigger: ".modal .o_field_widget[name='file'] .o_clear_file_button",
        },
        {
            content: "upload it",
            trigger: ".modal button[name='action_upload']",
            run: "click",
        },
        {
            content: "all three calls are rated",
            trigger: ".o_form_view button[name='action_view_usage']:contains(3)",
        },
        {
            content: "none is in error, the batch is done",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Rated)",
        },
        ...openMenu(
            "voip_billing_base.voip_billing_menu_billing",
            "voip_billing_base.voip_billing_run_menu"
        ),
        {
            content: "new billing run",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "invoice",
            trigger: ".o_form_view button[name='action_run']",
            run: "click",
        },
        {
            content: "confirm",
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "the run is done",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Done)",
        },
        {
            content: "its invoices",
            trigger: "button[name='action_view_invoices']:contains(1)",
            run: "click",
        },
        {
            content: "the only invoice",
            trigger: ".o_list_view .o_data_row td[name='name']",
            run: "click",
        },
        {
            content: "it is posted, with the calls of the file",
            trigger: ".o_form_view td[name='voip_counted']:contains(3)",
        },
        {
            content: "its calls",
            trigger: "button.oe_stat_button[name='action_voip_view_usage']",
            run: "click",
        },
        {
            content: "the calls that were uploaded",
            trigger: ".o_list_view .o_data_row:contains(442071234567):contains(1:00)",
        },
    ],
});
