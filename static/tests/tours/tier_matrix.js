import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("tier_matrix_edit", {
    steps: () => [
        {
            content: "A family without description leaves its place empty",
            trigger: ".o_tier_matrix_family td:not(:contains(false))",
        },
        {
            content: "The cell of a service newly added says no: open it",
            trigger:
                "tr:contains(Spare parts) .o_tier_matrix_cell[data-kind=excluded]:contains(No)",
            run: "click",
        },
        {
            content: "A quantity per year",
            trigger: ".modal .o_field_widget[name=kind] input[data-value=quantity]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=quantity] input",
            run: "edit 3",
        },
        {
            trigger: ".modal .o_field_widget[name=quantity_unit] input",
            run: "edit visits",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Travel included.",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The matrix shows it at once, with its note",
            trigger: ".o_tier_matrix_cell[data-kind=quantity]:contains(3 visits):contains((1))",
        },
        {
            trigger: ".o_tier_matrix_notes:contains((1) Travel included.)",
        },
        {
            content: "Add a tier: it is a column",
            trigger: "button:contains(Add a Tier)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit PLATINUM",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_tier_matrix thead th:contains(PLATINUM)",
        },
        {
            trigger: ".o_tier_matrix_cell[data-kind=excluded]:contains(No)",
        },
    ],
});

registry.category("web_tour.tours").add("tier_matrix_read", {
    steps: () => [
        {
            trigger: ".o_tier_matrix div.o_tier_matrix_cell:contains(No)",
        },
        {
            content: "Nothing to edit for who only reads",
            trigger: ".o_tier_matrix:not(:has(button:contains(Add))):not(:has(td button))",
        },
    ],
});
