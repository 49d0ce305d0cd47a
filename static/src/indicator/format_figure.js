import { registry } from "@web/core/registry";

const OPTIONS = { percentage: { digits: [16, 1], trailingZeros: true } };

/**
 * A figure as the reader's language writes it; a dash when it is undefined.
 *
 * @param {number|null} value
 * @param {"integer"|"percentage"|"float_time"} format
 * @returns {string}
 */
export function formatFigure(value, format) {
    return value === null
        ? "–"
        : registry.category("formatters").get(format)(value, OPTIONS[format]);
}
