import { Component } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Write counted seconds as hours and minutes: 12600 is “3:30”. */
export function formatSeconds(seconds) {
    const minutes = Math.floor(seconds / 60);
    return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

/** Seconds that a clock counted, as hours and minutes. Always read-only: the log decides. */
export class SecondsField extends Component {
    static template = "maintenance_contract.SecondsField";
    static props = { ...standardFieldProps };

    get text() {
        return formatSeconds(this.props.record.data[this.props.name]);
    }
}

registry.category("fields").add("sla_seconds", {
    component: SecondsField,
    supportedTypes: ["integer"],
});
