import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** Marks the reason as required as soon as a severity is chosen that asks for one. */
export class SeverityReason extends Interaction {
    static selector = ".o_maintenance_severity";
    dynamicContent = {
        "input[name=severity]": { "t-on-change": () => {} },
        "input[name=severity_reason]": {
            "t-att-required": () => (this.isAsked ? "required" : false),
        },
        ".o_maintenance_required": {
            "t-att-class": () => ({ "d-none": !this.isAsked }),
        },
    };

    get isAsked() {
        return Boolean(this.el.querySelector("input[name=severity][data-reason]:checked"));
    }
}

registry
    .category("public.interactions")
    .add("maintenance_contract.severity_reason", SeverityReason);
