import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

async function upload(name) {
    const answer = await fetch(`/voip_documents_tour/${name}`);
    const file = new File([await answer.blob()], name, { type: WORKBOOK });
    const files = new DataTransfer();
    files.items.add(file);
    const input = document.querySelector(".o_field_widget[name='workbook'] input[type='file']");
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

registry.category("web_tour.tours").add("voip_workbook_tour", {
    steps: () => [
        {
            content: "upload a workbook that names what there is not",
            trigger: ".o_field_widget[name='workbook']",
            run: () => upload("wrong.xlsx"),
        },
        {
            content: "what is missing is told",
            trigger: ".o_field_widget[name='mapping_html'] td:contains(missing)",
        },
        {
            content: "the preview tells it, too",
            trigger: ".o_field_widget[name='preview_fault']:contains(nothing_here)",
        },
        {
            content: "upload a workbook that fits",
            trigger: ".o_field_widget[name='workbook']",
            run: () => upload("good.xlsx"),
        },
        {
            content: "each cell is found with its value",
            trigger:
                ".o_field_widget[name='mapping_html']:not(:contains(missing)) td:contains({{ line.name }})",
        },
        {
            content: "the preview has the lines",
            trigger: ".o_voip_table_preview td:contains(Trunk)",
        },
        {
            content: "what was found does not lie over the preview",
            trigger: ".o_field_widget[name='mapping_html']",
            run() {
                const right = (name) => {
                    const box = document.querySelector(name);
                    return box.scrollWidth - box.clientWidth;
                };
                if (right("div[name='editor']") > 0) {
                    throw new Error("the table is wider than its half of the page");
                }
            },
        },
        ...stepUtils.saveForm(),
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
