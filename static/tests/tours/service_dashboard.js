import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("service_dashboard", {
    steps: () => [
        {
            content: "A rate shows what it is made of",
            trigger: "[data-tile=sla_acknowledge]:contains(100.0%):contains(1 / 1)",
        },
        {
            content: "An undefined figure is a dash with its reason",
            trigger: "[data-tile=reopening]:contains(–):contains(No request was resolved)",
        },
        {
            content: "A chart has its table",
            trigger: ".o_indicator_chart:has(canvas) th:contains(Less than 1 day)",
        },
        {
            content: "The tile opens its list",
            trigger: "[data-tile=open] button",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_cell:contains(The laser drifts)",
        },
        {
            content: "Back to the dashboard, and to the analysis",
            trigger: ".o_back_button, .breadcrumb-item a:contains(Service Dashboard)",
            run: "click",
        },
        {
            trigger: "[data-tile=open]",
        },
        {
            trigger:
                "button[data-menu-xmlid='maintenance_contract.maintenance_contract_menu_reporting']",
            run: "click",
        },
        {
            trigger:
                "a[data-menu-xmlid='maintenance_contract.maintenance_contract_menu_response_report']",
            run: "click",
        },
        {
            content: "The pivot tells the formula of its measures",
            trigger: ".o_pivot_view:contains(Half of the requests took less)",
        },
        {
            trigger: ".o_switch_view.o_graph",
            run: "click",
        },
        {
            trigger: ".o_graph_view:contains(Half of the requests took less) canvas",
        },
    ],
});
