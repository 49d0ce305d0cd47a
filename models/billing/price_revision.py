from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.price_revision import revise
from ..core.checks import check_dates
from .formula_error import explain_formula_error
from .price_figures import get_figures

# Of the contracts whose prices may be revised.
REVISED_STATES = ("accepted", "active")


class MaintenancePriceRevision(models.Model):
    """A campaign: the prices of some contracts, revised from one day on.

    Simulated first: nothing changes until a contract manager approves what he saw. Lines that are
    held or wait say why, and can be simulated again later.
    """

    _name = "maintenance.price.revision"
    _description = "Price Revision"
    _inherit = ["mail.thread", "maintenance.guarded.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _guarded_fields = frozenset({"state", "line_ids"})

    name = fields.Char(required=True, default=lambda self: self.env._("Price revision"))
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    date = fields.Date("From", required=True, tracking=True, help="First day of the new prices.")
    contract_ids = fields.Many2many(
        "maintenance.contract",
        "maintenance_price_revision_contract_rel",
        "revision_id",
        "contract_id",
        string="Contracts",
        check_company=True,
        domain="[('price_formula_id', '!=', False), ('state', 'in', ('accepted', 'active'))]",
        help="Empty: all contracts that have a price formula.",
    )
    is_correcting = fields.Boolean(
        "Correct What Is Invoiced",
        tracking=True,
        help="Prices are revised even where days after the date are invoiced already: the "
        "difference is invoiced or credited by a correction.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("simulated", "Simulated"), ("approved", "Approved")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    line_ids = fields.One2many(
        "maintenance.price.revision.line", "revision_id", readonly=True, copy=False
    )
    revised_count = fields.Integer("To Revise", compute="_compute_counts")
    pending_count = fields.Integer("Held or Waiting", compute="_compute_counts")
    is_provisional = fields.Boolean(compute="_compute_counts")
    has_explanations = fields.Boolean(compute="_compute_counts")

    @api.depends(
        "line_ids.outcome",
        "line_ids.is_applied",
        "line_ids.is_provisional",
        "line_ids.explanation",
    )
    def _compute_counts(self):
        for revision in self:
            lines = revision.line_ids
            revision.revised_count = len(
                lines.filtered(lambda line: line.outcome == "revised" and not line.is_applied)
            )
            revision.is_provisional = any(line.is_applied and line.is_provisional for line in lines)
            revision.has_explanations = any(lines.mapped("explanation"))
            revision.pending_count = len(
                lines.filtered(lambda line: line.outcome in ("held", "waiting"))
            )

    @api.constrains("date")
    def _check_date(self):
        check_dates(self, "date")

    def write(self, vals):
        changing = {"date", "company_id", "contract_ids"} & vals.keys()
        if changing and self.line_ids.filtered("is_applied"):
            raise UserError(self.env._("From: these prices are revised already."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        if self.sudo().line_ids.filtered("is_applied"):
            raise UserError(self.env._("The history of a price is kept."))

    # === ACTIONS === #

    def action_simulate(self):
        """Show what the date will bring. Lines that were approved stay as they are."""
        self.ensure_one()
        self.check_access("write")
        revision = self.sudo().with_company(self.company_id)
        revision.line_ids.filtered(lambda line: not line.is_applied).unlink()
        vals_list = revision._simulate()
        if not vals_list and not revision.line_ids:
            raise UserError(
                self.env._(
                    "Contracts: none of them has a price formula and an equipment covered on %s.",
                    format_date(self.env, self.date),
                )
            )
        self.env["maintenance.price.revision.line"].sudo().create(vals_list)
        self._move_to("simulated")

    def action_approve(self):
        """Set the prices that were shown. A second click finds nothing left."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "approved":
            return
        self._check_state("simulated")
        revision = self.sudo().with_company(self.company_id)
        revision.lock_for_update()
        lines = revision.line_ids.filtered(
            lambda line: line.outcome == "revised" and not line.is_applied
        )
        revision._check_still_true(lines)
        lines.coverage_id._set_prices(
            revision.date, {line.coverage_id.id: line.price_after for line in lines}, "revision"
        )
        lines.is_applied = True
        revision._after_approve(lines)
        self._move_to("approved")

    def _after_approve(self, lines):
        """Hook: what follows from new prices; here the history of each contract says so."""
        lines.contract_id._message_log_batch(
            {
                contract.id: self.env._(
                    "Prices of %(count)s equipment revised from %(date)s.",
                    count=len(own),
                    date=format_date(self.env, self.date),
                )
                for contract, own in lines.grouped("contract_id").items()
            }
        )

    def action_regularise(self):
        """Set the prices that definitive values give, where provisional ones were used.

        What was invoiced meanwhile is corrected by the billing schedule.
        """
        self.ensure_one()
        self.check_access("write")
        revision = self.sudo().with_company(self.company_id)
        revision.lock_for_update()
        lines = revision.line_ids.filtered(lambda line: line.is_applied and line.is_provisional)
        definitive = lines.filtered(lambda line: line._regularise())
        if not definitive:
            raise UserError(self.env._("The indices have no definitive values yet."))
        revision._after_regularise(definitive)

    def _after_regularise(self, lines):
        """Hook: what follows from definitive prices."""

    # === SIMULATION === #

    def _get_domain(self):
        """What is covered on the date, was before, and has a price that follows a formula."""
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("contract_id.state", "in", REVISED_STATES)
            & Domain("contract_id.price_formula_id", "!=", False)
            & Domain("state", "=", "validated")
            & (
                Domain("date_start", "<", self.date)
                # One that begins on the date may go on at the price of another one.
                | (Domain("date_start", "=", self.date) & Domain("predecessor_id", "!=", False))
            )
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", self.date))
        )
        if self.contract_ids:
            domain &= Domain("contract_id", "in", self.contract_ids.ids)
        return domain

    def _simulate(self):
        """The lines of what is left to revise, in superuser mode.

        :rtype: list[dict]
        """
        left = self._get_domain() & Domain("id", "not in", self.line_ids.coverage_id.ids)
        coverages = self.env["maintenance.coverage"].search(left, order="contract_id, id")
        coverages._keep_first_prices()
        return [vals for vals in self._prepare_lines(coverages).values() if vals]

    def _prepare_lines(self, coverages):
        """The values of a line for each of these; None for what has no price before the date."""
        published = coverages.contract_id.price_formula_id.index_ids._get_published_by_index()
        invoiced = self._get_invoiced_to(coverages)
        return {
            coverage: self._prepare_line(coverage, published, invoiced.get(coverage))
            for coverage in coverages
        }

    def _prepare_line(self, coverage, published, invoiced_to):
        formula = coverage.contract_id.price_formula_id
        indices = {index.code: published[index] for index in formula.index_ids}
        position = coverage._get_price_position(self.date, indices)
        if position is None:
            return None
        result = revise(formula._get_clause(), position, indices, self.date)
        vals = {
            "revision_id": self.id,
            "coverage_id": coverage.id,
            "formula": formula.expression,
            "outcome": result.outcome,
            "explanation": self._explain(coverage.contract_id, result),
            "is_provisional": result.provisional,
            "price_before": float(result.before),
            "price_after": float(result.after),
            "coefficient": float(result.rounded or 0),
            "change": float(result.change or 0),
            "figures": get_figures(result),
        }
        if result.outcome == "revised" and invoiced_to and not self.is_correcting:
            vals |= {
                "outcome": "held",
                "is_invoiced": True,
                "price_after": float(result.before),
                "explanation": self.env._(
                    "Invoiced until %s. Choose a later date, or correct what is invoiced.",
                    format_date(self.env, invoiced_to),
                ),
            }
        return vals

    def _get_invoiced_to(self, coverages):
        """The last day invoiced, of those where it is not before the date.

        :rtype: dict[maintenance.coverage, date]
        """
        return dict(
            self.env["maintenance.billing.period"]._read_group(
                [
                    ("coverage_id", "in", coverages.ids),
                    ("state", "=", "invoiced"),
                    ("date_end", ">=", self.date),
                ],
                ["coverage_id"],
                ["date_end:max"],
            )
        )

    def _check_still_true(self, lines):
        """Refuse to approve what would come out otherwise now."""
        left = self._get_domain() & Domain("id", "in", lines.coverage_id.ids)
        coverages = self.env["maintenance.coverage"].search(left)
        now = self._prepare_lines(coverages)
        invoiced = {} if self.is_correcting else self._get_invoiced_to(coverages)
        for line in lines:
            vals = now.get(line.coverage_id) or {}
            # What a person let pass is held again, but not for its invoices.
            expected = ("held", "revised") if line.is_released else ("revised",)
            is_same = vals.get("figures") == line.figures and vals.get("outcome") in expected
            if not is_same or line.coverage_id in invoiced:
                raise UserError(
                    self.env._(
                        "%s: an index, a price or the formula changed since. Simulate again.",
                        line.coverage_id.display_name,
                    )
                )

    def _explain(self, contract, result):
        """Why it comes out so, in one sentence; False when there is nothing to say."""
        match result.reason:
            case "missing":
                return contract._explain_missing(result.missing)
            case "formula":
                return explain_formula_error(self.env, result.error)
            case "cap":
                return self.env._("Limited by the cap.")
            case "floor":
                return self.env._("Limited by the floor.")
            case "same" | "rounding":
                return self.env._("The formula gives the price in force.")
            case "threshold":
                return self.env._("The change is below the threshold.")
            case "upward_only":
                return self.env._("The formula gives less, and the price only rises.")
            case "no_price":
                return self.env._("There is no price to revise.")
            case "done":
                return self.env._("It was revised on this date or a later one.")
            case "not_positive":
                return self.env._("The formula gives 0 or less: check the indices.")
            case "too_high":
                return self.env._(
                    "The formula gives more than three times the price: check the indices."
                )
        return False
