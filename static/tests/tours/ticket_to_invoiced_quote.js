import { registry } from "@web/core/registry";

/** What no contract pays for, from the request to the invoice: one tour for each role. */

const tours = registry.category("web_tour.tours");
const TOUR = "out of contract to invoice";

function press(content, trigger, options = {}) {
    return { content, trigger, run: "click", ...options };
}

tours.add(`${TOUR}: quote`, {
    steps: () => [
        press("Open the request", ".o_data_row:contains(The press stops) td[name=name]"),
        {
            content: "Nothing covers it",
            trigger: ".o_form_view [name=verdict]:contains(Billable)",
        },
        press("Make the quote", ".o_request_verdict button[name=action_make_quote]"),
        {
            content: "Time and travel are proposed, at the public tariff",
            trigger: ".o_field_widget[name=order_line]:contains(Labour):contains(Travel)",
        },
        press("Look for the part", "button[name=action_add_from_catalog]"),
        {
            content: "Search for it",
            trigger: "input.o_searchview_input",
            run: "edit Belt for the tour",
        },
        { content: "Search", trigger: "input.o_searchview_input", run: "press Enter" },
        {
            content: "Only it is left",
            trigger: ".o_kanban_renderer:not(:has(.o_kanban_record:contains(Labour)))",
        },
        press("Add it", ".o_kanban_record:contains(Belt for the tour) .fa-shopping-cart"),
        {
            content: "It is added",
            trigger: ".o_kanban_record:contains(Belt for the tour):not(:has(.fa-shopping-cart))",
        },
        press("Back to the quote", ".o-kanban-button-back"),
        {
            content: "When it is there is told",
            trigger: ".o_form_view [name=quote_terms]:contains(5 days after the agreement)",
        },
        press("Send it", ".o_form_view .o_form_statusbar button[name=action_quotation_send]"),
        press("Send the mail", ".modal footer .o_mail_send:enabled"),
        {
            content: "It is sent",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Quotation Sent)",
        },
        press("Back to the request", "button[name=action_view_maintenance_ticket]"),
        {
            content: "It waits for the customer",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Awaiting)",
        },
    ],
});

tours.add(`${TOUR}: signature`, {
    steps: () => [
        press("Open the quote", "a:contains(Quote to sign)", { expectUnloadPage: true }),
        {
            content: "The part and when it is there",
            trigger: "#sales_order_table:contains(Belt for the tour):contains(Delivery: 5 days)",
        },
        {
            content: "The page is ready",
            trigger: "body[is-ready=true]",
        },
        press("Accept", ".o_portal_sale_sidebar .btn-primary:contains(Sign)"),
        {
            content: "The name is there",
            trigger: ".modal .o_web_sign_name_and_signature input:value(Anne Rochat)",
        },
        {
            content: "So is the signature",
            trigger: ".modal canvas.o_web_sign_signature",
            run: "canvasNotEmpty",
        },
        press("Sign", ".modal .o_portal_sign_submit:enabled", { expectUnloadPage: true }),
        { content: "It is signed", trigger: "#quote_content:contains(Thank You)" },
    ],
});

tours.add(`${TOUR}: invoice`, {
    steps: () => [
        press("Open the quote", ".o_data_row:contains(Anne Rochat) td[name=name]"),
        press("Invoice what was delivered", "#create_invoice"),
        press("Create the draft", ".modal button[name=create_invoices]"),
        {
            content: "The hours really spent are invoiced",
            trigger: ".o_field_widget[name=invoice_line_ids] .o_data_row:contains(2.50)",
        },
        press("Confirm it", ".o_form_statusbar button[name=action_post]"),
        {
            content: "It is posted",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Posted)",
        },
    ],
});
