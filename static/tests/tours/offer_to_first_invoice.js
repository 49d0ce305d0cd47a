import { registry } from "@web/core/registry";

/** A contract from its offer to its first invoice: one tour for each role, in the order of the story. */

const tours = registry.category("web_tour.tours");

function press(button, where = ".o_form_view .o_form_statusbar") {
    return {
        content: `Press ${button}`,
        trigger: `${where} button[name=${button}]:enabled`,
        run: "click",
    };
}

function expectState(label) {
    return {
        content: `It is “${label}” now`,
        trigger: `.o_statusbar_status .o_arrow_button_current:contains(${label})`,
    };
}

function openContract() {
    return {
        content: "Open the contract",
        trigger: ".o_data_row:contains(Horloger SA) .o_data_cell[name=partner_id]",
        run: "click",
    };
}

tours.add("offer to first invoice: offer", {
    steps: () => [
        openContract(),
        press("action_make_offer"),
        {
            content: "The offer has a line for the equipment, at its yearly price",
            trigger: ".o_field_widget[name=order_line] .o_data_row:contains(Press):contains(1,200)",
        },
        {
            content: "It says how long the contract lasts",
            trigger: ".o_field_widget[name=maintenance_terms]:contains(12 months)",
        },
        press("action_quotation_send"),
        {
            content: "The mail is written, with the offer attached",
            trigger:
                ".modal .o_mail_composer_form_view, .modal .o_mail_composer_form:contains(.pdf)",
        },
        {
            content: "Send it",
            trigger: ".modal .o_mail_send:enabled, .modal button[name=action_send_mail]:enabled",
            run: "click",
        },
        {
            content: "The offer is sent",
            trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Sent)",
        },
        press("action_view_maintenance_contract", ".o_form_view"),
        expectState("Offered"),
    ],
});

tours.add("offer to first invoice: signature", {
    steps: () => [
        {
            content: "Open the offer",
            trigger: ".o_portal_my_doc_table a:contains(S)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page says what is offered",
            trigger: "#maintenance_terms:contains(12 months)",
        },
        {
            content: "Accept and sign",
            trigger: ".o_portal_sale_sidebar a:contains(Sign)",
            run: "click",
        },
        {
            content: "Who signs",
            trigger: ".modal .o_web_sign_name_and_signature input",
            run: "edit Anne Rochat",
        },
        {
            content: "The signature is drawn",
            trigger: ".modal canvas.o_web_sign_signature",
            run: "canvasNotEmpty",
        },
        {
            content: "Sign",
            trigger: ".modal .o_portal_sign_submit:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page thanks, and says what follows",
            trigger: "#quote_content [name=maintenance_what_follows]:contains(is agreed)",
        },
    ],
});

tours.add("offer to first invoice: activation", {
    steps: () => [
        openContract(),
        expectState("Accepted"),
        press("action_check_and_activate"),
        press("action_activate", ".modal footer"),
        expectState("Active"),
    ],
});

tours.add("offer to first invoice: invoice", {
    steps: () => [
        openContract(),
        press("action_create_invoices"),
        {
            content: "The first quarter is invoiced",
            trigger:
                ".o_field_widget[name=invoice_line_ids] .o_data_row:contains(Press):contains(300)",
        },
        press("action_post"),
        expectState("Posted"),
    ],
});
