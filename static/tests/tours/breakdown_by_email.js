import { registry } from "@web/core/registry";

/** A breakdown, from the customer's mail to his confirmation: one tour for each step and role. */

const tours = registry.category("web_tour.tours");

const open = [
    {
        content: "Open the request",
        trigger: ".o_data_row:contains(The press stops) td[name=name]",
        run: "click",
    },
    { content: "The form is there", trigger: ".o_form_view .o_form_statusbar" },
];

function press(button, where = ".o_form_view .o_form_statusbar") {
    return {
        content: `Press ${button}`,
        trigger: `${where} button[name=${button}]:enabled`,
        run: "click",
    };
}

function write(field, text) {
    return {
        content: `Write in ${field}`,
        trigger: `.modal .o_field_widget[name=${field}] textarea`,
        run: `edit ${text}`,
    };
}

function expectStep(label) {
    return {
        content: `It is “${label}” now`,
        trigger: `.o_statusbar_status .o_arrow_button_current:contains(${label})`,
    };
}

function expectClock(kind, word) {
    return {
        content: `The clock ${kind} is ${word}`,
        trigger: `.o_field_widget[name=sla_clock_ids]:contains(${kind}) :contains(${word})`,
    };
}

tours.add("breakdown by e-mail: taken, answered, waiting", {
    steps: () => [
        ...open,
        {
            content: "Whether it is covered is known before any work",
            trigger: ".o_form_view [name=verdict]:contains(Covered)",
        },
        expectClock("Acknowledge", "Running"),
        press("action_take"),
        expectStep("In Progress"),
        expectClock("Acknowledge", "Met"),
        {
            content: "Answer the customer",
            trigger: ".o-mail-Chatter-sendMessage",
            run: "click",
        },
        {
            content: "Ask him something",
            trigger: ".o-mail-Composer-input",
            run: "edit Which error does it show?",
        },
        {
            content: "Send it",
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            content: "It is sent",
            trigger: ".o-mail-Message:contains(Which error does it show?)",
        },
        press("action_wait"),
        press("action_wait", ".modal footer"),
        expectStep("Awaiting"),
        expectClock("First Answer", "Met"),
        expectClock("Resolution", "Paused"),
        { content: "The countdown is there", trigger: ".alert:contains(Closed without an answer)" },
    ],
});

tours.add("breakdown by e-mail: workaround, on site", {
    steps: () => [
        ...open,
        expectStep("In Progress"),
        expectClock("Resolution", "Running"),
        press("action_workaround"),
        write("note", "Slow down to half speed"),
        press("action_set", ".modal footer"),
        expectClock("Workaround", "Met"),
        press("action_escalate_on_site"),
        {
            content: "Say what to bring",
            trigger: ".modal .o_field_widget[name=reason] .odoo-editor-editable",
            run: "editor The belt has to be replaced",
        },
        press("action_escalate", ".modal footer"),
        {
            content: "The intervention has its number",
            trigger: ".o_form_view .oe_title [name=name]:contains(INT/)",
        },
    ],
});

tours.add("breakdown by e-mail: resolved", {
    steps: () => [
        ...open,
        press("action_resolve"),
        write("note", "New belt"),
        press("action_resolve", ".modal footer"),
        expectStep("Resolved"),
        expectClock("Resolution", "Met"),
    ],
});
