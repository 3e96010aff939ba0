import { registry } from "@web/core/registry";

const input = (name) => `.o_field_widget[name=${name}] input`;
// A field that shows nothing is not there for a trigger.
const nothing = (name) => ({
    content: `${name} is shown as nothing`,
    trigger: ".o_form_view .o_field_widget[name=price_per_minute] span",
    run: () => {
        const found = document.querySelector(`.o_field_widget[name=${name}] span`);
        if (found.textContent !== "") {
            throw new Error(`${name}: ${found.textContent}`);
        }
    },
});

registry.category("web_tour.tours").add("voip_rate_tour", {
    steps: () => [
        nothing("first_price"),
        nothing("price_intra"),
        nothing("max_charge"),
        {
            content: "another version",
            trigger: "button[name=action_new_version]",
            run: "click",
        },
        {
            content: "a new rate has none",
            trigger: input("first_price"),
            run: ({ anchor }) => {
                if (anchor.value !== "") {
                    throw new Error(`first_price: ${anchor.value}`);
                }
            },
        },
        {
            content: "price",
            trigger: input("price_per_minute"),
            run: "edit 0.02",
        },
        {
            content: "a new rate has no ceiling",
            trigger: input("max_charge"),
            run: ({ anchor }) => {
                if (anchor.value !== "") {
                    throw new Error(`max_charge: ${anchor.value}`);
                }
            },
        },
        { content: "ceiling", trigger: input("max_charge"), run: "edit 0.7" },
        { content: "no ceiling", trigger: input("max_charge"), run: "clear" },
        { content: "intrastate", trigger: input("price_intra"), run: "edit 0.03" },
        { content: "no local price", trigger: input("price_local"), run: "edit 0.5" },
        { content: "taken back", trigger: input("price_local"), run: "clear" },
        { content: "free first", trigger: input("first_price"), run: "edit 0" },
        { content: "save", trigger: ".modal .o_form_button_save", run: "click" },
        { content: "it is saved", trigger: "body:not(:has(.modal))" },
    ],
});
