import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("voip_span_tour", {
    steps: () => [
        {
            content: "the span of time is a facet",
            trigger: ".o_searchview_facet:contains(Start):contains(Last 31 Days)",
        },
        {
            content: "it says all there is to say",
            trigger: ".o_control_panel:not(:has(.o_voip_span))",
        },
        {
            content: "take it away",
            trigger: ".o_searchview_facet .o_facet_remove",
            run: "click",
        },
        {
            content: "what is searched now is said",
            trigger: ".o_voip_span:contains(last 31 days)",
        },
        {
            content: "open the filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "open Start",
            trigger: ".o_filter_menu .o_accordion_toggle:contains(Start)",
            run: "click",
        },
        {
            content: "choose another span",
            trigger: ".o_filter_menu .o_item_option:contains(Last 7 Days)",
            run: "click",
        },
        {
            content: "it is a facet",
            trigger: ".o_searchview_facet:contains(Start):contains(Last 7 Days)",
        },
        {
            content: "nothing more is to be said",
            trigger: ".o_control_panel:not(:has(.o_voip_span))",
        },
    ],
});
