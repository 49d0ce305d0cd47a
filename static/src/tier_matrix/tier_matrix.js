import { Component, onWillStart, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** How each kind of cell looks; what it says comes with the cell. */
const KINDS = {
    included: { icon: "fa-check", color: "success" },
    excluded: { icon: "fa-times", color: "muted" },
    on_request: { icon: "fa-envelope-o", color: "info" },
    quantity: { icon: "fa-check", color: "success" },
    delay: { icon: "fa-clock-o", color: "primary" },
    none: { icon: "fa-minus", color: "muted" },
    remark: { icon: "fa-comment-o", color: "info" },
};

/**
 * The whole tier matrix on one screen: services in rows, tiers in columns.
 *
 * It is drawn from `maintenance.tier.get_matrix`; who may edit opens the form of a cell, of a
 * service or of a tier in a dialog, and sees the matrix again once it is saved.
 */
export class TierMatrix extends Component {
    static template = "maintenance_contract.TierMatrix";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.orm = useService("orm");
        this.display = { controlPanel: {} };
        this.state = useState({ tiers: [], families: [], notes: [] });
        onWillStart(async () => {
            [this.canEdit, this.canCreate] = await Promise.all([
                user.checkAccessRight("maintenance.tier.cell", "write"),
                user.checkAccessRight("maintenance.tier", "create"),
                this.load(),
            ]);
        });
    }

    async load() {
        Object.assign(this.state, await this.orm.call("maintenance.tier", "get_matrix", []));
    }

    get isEmpty() {
        return !this.state.tiers.length || !this.state.families.length;
    }

    look(cell) {
        return KINDS[cell.kind];
    }

    label(cell) {
        return cell.kind === "none" ? _t("No commitment") : cell.label;
    }

    openForm(resModel, resId, title) {
        this.dialog.add(FormViewDialog, {
            resModel,
            resId,
            title,
            canExpand: false,
            onRecordSaved: () => this.load(),
        });
    }

    openCell(cell) {
        this.openForm("maintenance.tier.cell", cell.id, _t("What the Tier Gives"));
    }

    openService(service) {
        this.openForm(
            "maintenance.service",
            service?.id || false,
            service?.name || _t("New Service"),
        );
    }

    openTier(tier) {
        this.openForm("maintenance.tier", tier?.id || false, tier?.name || _t("New Tier"));
    }

    print() {
        return this.action.doAction("maintenance_contract.action_report_tier_matrix", {
            additionalContext: {
                active_model: "maintenance.tier",
                active_ids: this.state.tiers.map((tier) => tier.id),
            },
        });
    }
}

registry.category("actions").add("maintenance_contract.tier_matrix", TierMatrix);
