/* global Chart */
import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";

import { loadBundle } from "@web/core/assets";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";

import { formatFigure } from "./format_figure";

// Series differ by their points, and not by colour alone.
const POINT_STYLES = ["circle", "rect", "triangle", "rectRot", "star", "crossRot", "cross", "dash"];

/** A small chart with its table: whoever does not see the one reads the other. */
export class IndicatorChart extends Component {
    static template = "maintenance_contract.IndicatorChart";
    static props = {
        chart: Object,
        onOpen: Function,
    };

    setup() {
        this.canvasRef = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvasRef.el, this.config);
                return () => chart.destroy();
            },
            () => [this.props.chart],
        );
    }

    get isRate() {
        return this.props.chart.format === "percentage";
    }

    get config() {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#111827", "#E4E4E4");
        const grid = getCustomColor(scheme, "#d8dadd", "#3C3E4B");
        const { chart } = this.props;
        const format = (value) => formatFigure(value, chart.format);
        return {
            type: this.isRate ? "line" : "bar",
            data: {
                labels: chart.labels,
                datasets: chart.series.map(({ label, figures }, index) => {
                    const color = getColor(index, scheme, chart.series.length);
                    return {
                        label,
                        data: figures.map(({ value }) => value),
                        backgroundColor: color,
                        borderColor: color,
                        borderWidth: this.isRate ? 2 : 0,
                        pointStyle: POINT_STYLES[index % POINT_STYLES.length],
                        pointRadius: 4,
                        clip: false,
                        spanGaps: true,
                    };
                }),
            },
            options: {
                maintainAspectRatio: false,
                onClick: (_ev, [point]) => {
                    if (point) {
                        this.props.onOpen(chart.series[point.datasetIndex].figures[point.index]);
                    }
                },
                plugins: {
                    legend: {
                        display: chart.series.length > 1,
                        labels: { color: text, usePointStyle: true },
                    },
                    tooltip: { callbacks: { label: (item) => format(item.raw) } },
                },
                scales: {
                    x: { grid: { display: false }, ticks: { color: text } },
                    y: {
                        beginAtZero: true,
                        max: this.isRate ? 1 : undefined,
                        grid: { color: grid },
                        ticks: {
                            color: text,
                            precision: this.isRate ? undefined : 0,
                            callback: format,
                        },
                    },
                },
            },
        };
    }

    format(figure) {
        return formatFigure(figure.value, this.props.chart.format);
    }

    hint(figure) {
        if (figure.denominator) {
            const numerator = formatFigure(figure.numerator, "integer");
            return `${numerator} / ${formatFigure(figure.denominator, "integer")}`;
        }
        return figure.reason || "";
    }
}
