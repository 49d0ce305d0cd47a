import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { formatFigure } from "./format_figure";

/** A rate, or a dash while the field that says how many it is of is empty. */
export class DefinedPercentageField extends Component {
    static template = "maintenance_contract.DefinedPercentageField";
    static props = { ...standardFieldProps, defined: { type: String } };

    get text() {
        const { data } = this.props.record;
        return formatFigure(data[this.props.defined] ? data[this.props.name] : null, "percentage");
    }
}

registry.category("fields").add("defined_percentage", {
    component: DefinedPercentageField,
    displayName: _t("Percentage or Dash"),
    supportedTypes: ["float"],
    extractProps: ({ options }) => ({ defined: options.defined }),
});
