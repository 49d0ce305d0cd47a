import { registry } from "@web/core/registry";
import { GraphController } from "@web/views/graph/graph_controller";
import { graphView } from "@web/views/graph/graph_view";
import { PivotController } from "@web/views/pivot/pivot_controller";
import { PivotRenderer } from "@web/views/pivot/pivot_renderer";
import { pivotView } from "@web/views/pivot/pivot_view";

/**
 * Pivot and graph of the indicators: the formula of each figure shown is written above it.
 *
 * The formula is the help of its field, so that it is told in one place.
 */
function getFormulas(fields, measures) {
    return measures
        .filter((measure) => fields[measure]?.help)
        .map((measure) => ({ label: fields[measure].string, help: fields[measure].help }));
}

export class IndicatorPivotController extends PivotController {
    static template = "maintenance_contract.IndicatorPivot";

    get formulas() {
        return getFormulas(this.model.metaData.fields, this.model.metaData.activeMeasures);
    }
}

/** A rate of nothing is undefined: a dash, and not 0 %. */
export class IndicatorPivotRenderer extends PivotRenderer {
    getFormattedValue(cell) {
        return cell.value === false ? "–" : super.getFormattedValue(cell);
    }
}

export class IndicatorGraphController extends GraphController {
    static template = "maintenance_contract.IndicatorGraph";

    get formulas() {
        return getFormulas(this.model.metaData.fields, [this.model.metaData.measure]);
    }
}

registry.category("views").add("indicator_pivot", {
    ...pivotView,
    Controller: IndicatorPivotController,
    Renderer: IndicatorPivotRenderer,
});
registry.category("views").add("indicator_graph", {
    ...graphView,
    Controller: IndicatorGraphController,
});
