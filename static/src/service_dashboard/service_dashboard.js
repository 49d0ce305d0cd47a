import { Component, onWillStart, useState } from "@odoo/owl";

import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { IndicatorChart } from "../indicator/indicator_chart";
import { formatFigure } from "../indicator/format_figure";

/** What a count tells at a glance, when it is not zero: never the colour alone. */
const LOOKS = {
    overdue: { icon: "fa-exclamation-triangle", color: "danger" },
    due_today: { icon: "fa-clock-o", color: "warning" },
    waiting: { icon: "fa-comments-o", color: "muted" },
    paused: { icon: "fa-pause-circle-o", color: "muted" },
    asleep: { icon: "fa-moon-o", color: "muted" },
};

/**
 * The service at a glance, drawn from `maintenance.service.dashboard`.
 *
 * Each figure opens the list of what it counts.
 */
export class ServiceDashboard extends Component {
    static template = "maintenance_contract.ServiceDashboard";
    static components = { DateTimeInput, Layout, IndicatorChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.display = { controlPanel: {} };
        this.state = useState({ problems: [], sections: [], charts: [] });
        onWillStart(() => this.load());
    }

    async load(backlogDay = false) {
        Object.assign(
            this.state,
            await this.orm.call("maintenance.service.dashboard", "get_figures", [backlogDay]),
        );
    }

    look(tile) {
        return (tile.figures[0].value && LOOKS[tile.name]) || {};
    }

    format(tile, figure) {
        return formatFigure(figure.value, tile.format);
    }

    /** What the figure was computed from, its period, or why there is none. */
    basis(figure) {
        if (figure.reason) {
            return figure.reason;
        }
        if (figure.denominator !== undefined) {
            const numerator = formatFigure(figure.numerator, "integer");
            return `${numerator} / ${formatFigure(figure.denominator, "integer")}`;
        }
        if (figure.population !== undefined) {
            return figure.population === 1
                ? _t("of 1 request")
                : _t("of %s requests", formatFigure(figure.population, "integer"));
        }
        return "";
    }

    day(chart) {
        return deserializeDate(chart.day);
    }

    lastDay(chart) {
        return deserializeDate(chart.last_day);
    }

    onBacklogDayChange(day) {
        this.load(day ? serializeDate(day) : false);
    }

    async open(figure) {
        const action = await this.action.loadAction(figure.action);
        await this.action.doAction(
            { ...action, name: figure.title, domain: figure.domain, context: {} },
            { viewType: "list" },
        );
    }
}

registry.category("actions").add("maintenance_contract.service_dashboard", ServiceDashboard);
