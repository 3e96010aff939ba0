import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("voip_cockpit_tour", {
    steps: () => [
        {
            content: "the bars say where they begin",
            trigger: ".o_voip_waterfall:contains(Bars begin at 131.25, not at zero)",
        },
        {
            content: "a step opens what it is made of",
            trigger: ".o_voip_step[data-step=ours]",
            run: "click",
        },
        {
            content: "it is a list",
            trigger: ".o_list_view",
        },
    ],
});
