from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .const import CHANGE_RULES, REOPEN_RULES


class MaintenanceSlaPolicy(models.Model):
    """What delays are promised, by kind and severity, and how they are counted.

    Each request keeps what it was promised (`maintenance.sla.term`): editing a policy touches
    new requests only, under the policy's next version.
    """

    _name = "maintenance.sla.policy"
    _description = "SLA Policy"
    _inherit = ["mail.thread", "maintenance.finite.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    version = fields.Integer(default=1, readonly=True, copy=False, tracking=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Service Hours",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="When delays are counted. Empty: the working calendar of the contract.",
    )
    change_rule = fields.Selection(
        CHANGE_RULES,
        string="When the Severity Changes",
        default="carry",
        required=True,
        tracking=True,
    )
    reopen_rule = fields.Selection(
        REOPEN_RULES, string="When Re-opened", default="resume", required=True, tracking=True
    )
    target_ids = fields.One2many("maintenance.sla.target", "policy_id", copy=True)
    warning_ids = fields.One2many(
        "maintenance.sla.warning",
        "policy_id",
        copy=True,
        default=lambda self: self._default_warnings(),
    )
    note = fields.Html("Terms", translate=True)
    overview = fields.Html(
        compute="_compute_overview",
        sanitize=False,
        exportable=False,
        help="What is promised for each severity, as the customer reads it.",
    )

    tier_ids = fields.One2many("maintenance.tier", "sla_policy_id", readonly=True)
    contract_ids = fields.One2many(
        "maintenance.contract",
        "sla_policy_id",
        readonly=True,
        groups="maintenance_contract.group_dispatcher,maintenance_contract.group_contract_manager,"
        "account.group_account_invoice,account.group_account_readonly",
    )
    term_ids = fields.One2many("maintenance.sla.term", "policy_id", readonly=True)

    @api.model
    def _default_warnings(self):
        chain = [
            (50, "technician"),
            (75, "technician"),
            (90, "team_leader"),
            (100, "contract_manager"),
            (125, "contract_manager"),
        ]
        return [
            fields.Command.create({"percent": percent, "recipient": recipient})
            for percent, recipient in chain
        ]

    @api.depends(
        "target_ids.kind",
        "target_ids.severity_id",
        "target_ids.request_kind",
        "target_ids.amount",
        "target_ids.unit",
        "target_ids.commitment",
        "target_ids.obligation",
    )
    @api.depends_context("lang")
    def _compute_overview(self):
        for policy in self:
            policy.overview = Markup(
                self.env["ir.qweb"]._render(
                    "maintenance_contract.sla_policy_overview", policy._get_overview()
                )
            )

    def _get_overview(self):
        """The delays of requests of any kind: those of each severity, beside one another.

        :return: ``severities``, the last one empty when delays are promised for all the others,
            and ``rows`` of a kind and its targets, in the order of the severities
        :rtype: dict
        """
        self.ensure_one()
        general = self.target_ids.filtered(lambda target: not target.request_kind)
        severities = list(general.severity_id.sorted())
        if not all(target.severity_id for target in general):
            severities.append(self.env["maintenance.severity"])
        columns = [self._select_targets(severity, False) for severity in severities]
        rows = []
        for kind, name in self.target_ids._fields["kind"]._description_selection(self.env):
            targets = [
                column.filtered(lambda target, kind=kind: target.kind == kind) for column in columns
            ]
            if any(targets):
                rows.append((name, targets))
        return {"severities": severities, "rows": rows}

    @api.constrains("calendar_id")
    def _check_calendar(self):
        for policy in self:
            if policy.calendar_id and not policy.calendar_id._has_opening_hours():
                raise ValidationError(
                    self.env._("Service Hours: “%s” has no opening hours.", policy.calendar_id.name)
                )

    def write(self, vals):
        if vals.keys() & {"calendar_id", "change_rule", "reopen_rule"}:
            self._bump_version()
        return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if not (default or {}).get("name"):
            for policy, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", policy.name)
        return vals_list

    def _bump_version(self):
        """Start the next version of those policies whose present one was promised to somebody."""
        promised = (
            self.env["maintenance.sla.term"]
            .sudo()
            ._read_group([("policy_id", "in", self.ids)], ["policy_id"], ["policy_version:max"])
        )
        for policy, version in promised:
            if policy.version == version:
                policy.version += 1

    def _select_targets(self, severity, request_kind):
        """The target of each kind that applies; the most specific one where several do.

        :param maintenance.severity severity: of the request
        :param str request_kind: of the request
        :rtype: maintenance.sla.target
        """
        self.ensure_one()
        if request_kind == "idea":
            return self.env["maintenance.sla.target"]
        fitting = self.target_ids.filtered(
            lambda target: (
                target.severity_id in (severity, severity.browse())
                and target.request_kind in (request_kind, False)
            )
        )
        by_kind = {}
        for target in fitting.sorted(lambda t: (bool(t.severity_id), bool(t.request_kind))):
            by_kind[target.kind] = target
        return self.env["maintenance.sla.target"].concat(*by_kind.values())
