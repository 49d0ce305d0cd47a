import { Component } from "@odoo/owl";

import { deserializeDateTime, formatDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

function read(moment) {
    return moment && deserializeDateTime(moment);
}

/**
 * A clock of a request in one badge: icon, word and colour, what is left, when it is due.
 *
 * What it says comes with the badge (`maintenance.sla.clock`, field `badge`); only the deadline is
 * written here, in the time zone of the reader.
 */
export class SlaBadge extends Component {
    static template = "maintenance_contract.SlaBadge";
    static props = {
        badge: Object,
        isCard: { type: Boolean, optional: true },
    };
    static defaultProps = { isCard: false };

    get badge() {
        return this.props.badge;
    }

    get deadline() {
        return toLocaleDateTimeString(read(this.badge.deadline));
    }

    get reached() {
        return toLocaleDateTimeString(read(this.badge.reached));
    }

    /** The clause it stands for, and the deadline in full. */
    get tooltip() {
        const moment = read(this.badge.deadline);
        const deadline = moment && `${formatDateTime(moment)} (${moment.offsetNameShort})`;
        return [this.badge.tooltip, deadline].filter(Boolean).join("\n");
    }

    get colorClass() {
        return this.badge.color === "muted" ? "text-bg-300" : `text-bg-${this.badge.color}`;
    }

    /** A delay missed before stays red, whatever is counted now. */
    get isLateBefore() {
        return this.badge.is_late && this.badge.color !== "danger";
    }
}

/** The badge of a record. */
export class SlaBadgeField extends Component {
    static template = "maintenance_contract.SlaBadgeField";
    static components = { SlaBadge };
    static props = { ...standardFieldProps };
}

/** All the clocks of a request side by side. */
export class SlaClocksField extends Component {
    static template = "maintenance_contract.SlaClocksField";
    static components = { SlaBadge };
    static props = { ...standardFieldProps };

    get clocks() {
        return this.props.record.data[this.props.name].records.filter(
            (clock) => clock.data.badge && clock.data.state !== "cancelled",
        );
    }
}

registry.category("fields").add("sla_badge", {
    component: SlaBadgeField,
    supportedTypes: ["json"],
});

registry.category("fields").add("sla_clocks", {
    component: SlaClocksField,
    supportedTypes: ["one2many"],
    relatedFields: [
        { name: "badge", type: "json" },
        { name: "state", type: "selection" },
    ],
});
