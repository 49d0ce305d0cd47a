import { Component } from "@odoo/owl";

import { deserializeDateTime, formatDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

function read(moment) {
    return moment && deserializeDateTime(moment);
}

/**
 * A clock of a request in one badge: icon, word and colour, what is left, when it is due.
 * With something to do on a click it is a card, which tells more.
 *
 * What it says comes with the badge (`maintenance.sla.clock`, field `badge`); only the deadline is
 * written here, in the time zone of the reader.
 */
export class SlaBadge extends Component {
    static template = "maintenance_contract.SlaBadge";
    static props = {
        badge: Object,
        noKind: { type: Boolean, optional: true },
        onClick: { type: Function, optional: true },
    };

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

/** The badge of a record; the option `no_kind` leaves out what stands in a column of its own. */
export class SlaBadgeField extends Component {
    static template = "maintenance_contract.SlaBadgeField";
    static components = { SlaBadge };
    static props = { ...standardFieldProps, noKind: { type: Boolean, optional: true } };
}

/** All the clocks of a request side by side; each tells on a click why it is due then. */
export class SlaClocksField extends Component {
    static template = "maintenance_contract.SlaClocksField";
    static components = { SlaBadge };
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get clocks() {
        return this.props.record.data[this.props.name].records.filter(
            (clock) => clock.data.badge && clock.data.state !== "cancelled",
        );
    }

    async explain(clock) {
        this.action.doAction(
            await this.orm.call("maintenance.sla.clock", "action_explain", [clock.resId]),
        );
    }
}

registry.category("fields").add("sla_badge", {
    component: SlaBadgeField,
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({ noKind: Boolean(options.no_kind) }),
});

registry.category("fields").add("sla_clocks", {
    component: SlaClocksField,
    supportedTypes: ["one2many"],
    relatedFields: [
        { name: "badge", type: "json" },
        { name: "state", type: "selection" },
    ],
});
