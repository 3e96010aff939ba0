import { registry } from "@web/core/registry";

const EVENT = ".o_calendar_view .o_event";

registry.category("web_tour.tours").add("voip_outbox_tour", {
    steps: () => [
        {
            content: "the mail",
            trigger: EVENT,
            run: "click",
        },
        {
            content: "keep it back",
            trigger: ".o_cw_popover .o_voip_hold",
            run: "click",
        },
        {
            content: "the window has closed",
            trigger: "body:not(:has(.o_cw_popover))",
        },
        {
            content: "held mails are in the legend",
            trigger: ".o_calendar_filter:contains(Held)",
        },
        {
            content: "the mail again",
            trigger: EVENT,
            run: "click",
        },
        {
            content: "a held one is not held again",
            trigger: ".o_cw_popover:not(:has(.o_voip_hold))",
        },
        {
            content: "let it go",
            trigger: ".o_cw_popover .o_voip_release",
            run: "click",
        },
        {
            content: "it waits",
            trigger: ".o_calendar_filter:contains(Waiting)",
        },
    ],
});

registry.category("web_tour.tours").add("voip_outbox_reader_tour", {
    steps: () => [
        {
            content: "the mail",
            trigger: EVENT,
            run: "click",
        },
        {
            content: "who only reads opens it",
            trigger: ".o_cw_popover:has(.o_cw_popover_edit):not(:has(.o_voip_hold))",
        },
    ],
});

registry.category("web_tour.tours").add("voip_outbox_phone_tour", {
    steps: () => [
        {
            content: "a phone begins with cards",
            trigger: ".o_cp_switch_buttons button",
            run: "click",
        },
        {
            content: "what goes out when",
            trigger: ".o-dropdown-item:contains(Calendar)",
            run: "click",
        },
        {
            content: "the legend has the colour of the state",
            trigger: ".o_other_calendar_panel i.fa-circle",
            run() {
                const { color } = getComputedStyle(this.anchor);
                if (color !== "rgb(182, 212, 254)") {
                    throw new Error(`A waiting mail has a dot of ${color}.`);
                }
            },
        },
    ],
});
