import { registry } from "@web/core/registry";

/** The main job in the browser: one tour for each role, in the order of the story. */

const tours = registry.category("web_tour.tours");

/** Choose in a many2one or many2many field of the form, the dialog or the edited line. */
function choose(field, name) {
    return [
        {
            content: `Type “${name}” in ${field}`,
            trigger: `.o_field_widget[name=${field}] input`,
            run: `edit ${name}`,
        },
        {
            content: `Choose “${name}”`,
            trigger: `.o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) > a:contains(${name})`,
            run: "click",
        },
    ];
}

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

tours.add("contract to closed intervention: contract manager", {
    steps: () => [
        {
            content: "A new contract",
            trigger: ".o_control_panel .o_list_button_add",
            run: "click",
        },
        ...choose("partner_id", "Horloger SA"),
        ...choose("site_ids", "Usine Meyrin"),
        ...choose("warranty_type_id", "Preventive"),
        {
            content: "Cover an equipment",
            trigger: ".o_field_widget[name=coverage_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        ...choose("equipment_id", "Press"),
        {
            content: "Save the contract",
            trigger: ".o_form_button_save",
            run: "click",
        },
        press("action_offer"),
        expectState("Offered"),
        press("action_accept"),
        expectState("Accepted"),
        press("action_check_and_activate"),
        {
            content: "What the contract does not say yet is listed",
            trigger: ".modal [name=missing_ids] .o_data_row:contains(Duties of the customer)",
        },
        press("action_activate", ".modal footer"),
        expectState("Active"),
        {
            content: "The equipment is covered",
            trigger:
                ".o_field_widget[name=coverage_ids] .o_data_row:contains(Press):contains(Validated)",
        },
        {
            content: "The contract has created the visit that it promises",
            trigger: "button[name=action_view_visits] .o_stat_value:contains(1)",
        },
    ],
});

tours.add("contract to closed intervention: dispatcher", {
    steps: () => [
        {
            content: "The visit is in the backlog",
            trigger:
                ".o_data_row:contains(Press):contains(Annual visit) .o_list_record_selector input",
            run: "click",
        },
        press("action_plan", ".o_control_panel"),
        ...choose("technician_ids", "Toni"),
        {
            content: "One intervention will be opened",
            trigger: ".modal [name=intervention_count]:contains(1)",
        },
        press("action_plan", ".modal footer"),
        {
            content: "The intervention has its number",
            trigger: ".o_form_view .oe_title [name=name]:contains(INT/)",
        },
        expectState("Planned"),
    ],
});

tours.add("contract to closed intervention: technician", {
    steps: () => [
        {
            content: "Look beyond today: at the weekend the work is planned for Monday",
            trigger: ".o_searchview_facet:contains(Today) .o_facet_remove",
            run: "click",
        },
        {
            content: "Start the first task",
            trigger: ".o_kanban_record:contains(Press) button[name=action_start_intervention]",
            run: "click",
        },
        {
            content: "Open it once it has started",
            trigger:
                ".o_kanban_record:contains(Press):not(:has(button[name=action_start_intervention]))",
            run: "click",
        },
        {
            content: "Look at the intervention",
            trigger: "button[name=action_view_intervention]",
            run: "click",
        },
        expectState("In progress"),
        press("action_close"),
        {
            content: "It cannot be closed: the open task is named",
            trigger: ".modal .modal-body:contains(still open):contains(Press)",
        },
        {
            content: "Understood",
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "Back to the task",
            trigger: "body:not(:has(.modal)) .o_back_button",
            run: "click",
        },
        {
            content: "It is the task again, and no longer the intervention",
            trigger: ".o_form_view:has(button[name=action_view_intervention])",
        },
        {
            content: "Open the checklist",
            trigger: ".o_notebook .nav-link[name=checklist]",
            run: "click",
        },
        {
            content: "Write what was found",
            trigger: ".o_field_widget[name=check_ids] .o_data_row:contains(Clean) [name=remark]",
            run: "click",
        },
        {
            content: "The lens is scratched",
            trigger: ".o_selected_row [name=remark] input",
            run: "edit Lens scratched",
        },
        {
            content: "Tick all that is left",
            trigger: "button[name=action_checks_ok]",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "Nothing is left to tick",
            trigger: ".o_form_view:not(:has(button[name=action_checks_ok]))",
        },
        press("action_close_task"),
        {
            content: "The task is closed",
            trigger: ".o_form_view:not(:has(button[name=action_close_task]))",
        },
    ],
});

tours.add("contract to closed intervention: closing", {
    steps: () => [
        {
            content: "Open the intervention",
            trigger: ".o_kanban_record:contains(Usine Meyrin)",
            run: "click",
        },
        expectState("In progress"),
        press("action_close"),
        {
            content: "Each equipment has its result",
            trigger: ".modal .o_data_row:contains(Press) [name=result]:contains(Done)",
        },
        press("action_close", ".modal footer"),
        expectState("Closed"),
        {
            content: "The visit is done",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains(Press) [name=result]:contains(Done)",
        },
    ],
});
