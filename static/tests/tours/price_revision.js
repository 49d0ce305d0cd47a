import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";

/** A contract manager revises prices: he simulates, looks at the figures, approves, prints, sends. */

const { DateTime } = luxon;

const revise = [
    {
        content: "A new campaign",
        trigger: ".o_control_panel .o_list_button_add",
        run: "click",
    },
    {
        content: "Its name",
        trigger: ".o_field_widget[name=name] input",
        run: "edit Revision of the tour",
    },
    {
        content: "From a day two months ahead",
        trigger: ".o_field_widget[name=date] input, .o_field_widget[name=date] button",
        run: "click",
    },
    {
        trigger: ".o_field_widget[name=date] input",
        run(helpers) {
            return helpers.edit(DateTime.now().plus({ days: 60 }).toFormat("MM/dd/yyyy"));
        },
    },
];

const figures = [
    {
        content: "Simulate",
        trigger: ".o_statusbar_buttons button[name=action_simulate]:contains(Simulate)",
        run: "click",
    },
    {
        content: "Price before, coefficient, price after, and what becomes of it",
        trigger:
            ".o_field_widget[name=line_ids] .o_data_row:contains(1,767.00):contains(1.045):contains(1,846.52):contains(Revised)",
    },
    {
        content: "Open the line: every number that leads to the price",
        trigger: ".o_field_widget[name=line_ids] .o_data_row td[name=equipment_id]",
        run: "click",
    },
    {
        trigger: ".modal [name=formula]:contains(P0 * (0.15 + 0.85 * S / S0))",
    },
    {
        trigger: ".modal [name=index_summary]:contains(294.6 / 280)",
    },
    {
        content: "Close it",
        trigger: ".modal .o_form_button_cancel, .modal .btn-close",
        run: "click",
    },
];

const approve = [
    {
        content: "Approve",
        trigger: "body:not(:has(.modal)) .o_statusbar_buttons button[name=action_approve]",
        run: "click",
    },
    {
        content: "What was shown is what is meant",
        trigger: ".modal:contains(Approve them?) .modal-footer .btn-primary",
        run: "click",
    },
    {
        trigger: ".o_statusbar_status .o_arrow_button_current:contains(Approved)",
    },
];

const letter = [
    {
        content: "The letters are there, to send",
        trigger: ".o_notebook a[name=letters]",
        run: "click",
    },
    {
        trigger: ".o_field_widget[name=letter_ids] .o_data_row:contains(To send)",
    },
    {
        content: "Print them",
        trigger: ".o_statusbar_buttons button[name=action_print_letters]",
        async run(helpers) {
            const original = download._download;
            download._download = async (options) => {
                const result = await original(options);
                document.body.dataset.printed = options.data.data;
                return result;
            };
            await helpers.click();
        },
    },
    {
        content: "The file is there",
        trigger: "body[data-printed*=report_price_letter]",
    },
    {
        content: "Send them",
        trigger: ".o_statusbar_buttons button[name=action_send_letters]",
        run: "click",
    },
    {
        trigger: ".modal:contains(Send the letters?) .modal-footer .btn-primary",
        run: "click",
    },
    {
        content: "They leave",
        trigger: ".o_field_widget[name=letter_ids] .o_data_row:contains(Leaving)",
    },
];

registry.category("web_tour.tours").add("price revision: from simulation to letter", {
    steps: () => [...revise, ...figures, ...approve, ...letter],
});
