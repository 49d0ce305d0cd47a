from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..core.batch import process_in_batches

# Each batch is committed: a kill loses the work of one. A letter is a PDF, of a second or two.
LETTERS_PER_BATCH = 10
TEMPLATE = "maintenance_contract.mail_template_price_letter"
LAYOUT = "mail.mail_notification_layout_with_responsible_signature"


class MaintenancePriceLetter(models.Model):
    """The letter that tells a customer the new prices of one contract, in his language.

    It is there once prices are approved. It leaves once, and again only when somebody asks for it,
    or when its prices changed.
    """

    _name = "maintenance.price.letter"
    _description = "Price Revision Letter"
    _inherit = ["mail.thread", "maintenance.guarded.mixin"]
    _order = "revision_id desc, contract_id, id"
    _check_company_auto = True
    _guarded_fields = frozenset({"state", "sent_on", "user_id", "failure"})
    _mail_post_access = "read"

    revision_id = fields.Many2one(
        "maintenance.price.revision",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    contract_id = fields.Many2one(
        "maintenance.contract", required=True, index=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(related="revision_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id")
    date = fields.Date(related="revision_id.date", string="Prices From")
    state = fields.Selection(
        [
            ("to_send", "To send"),
            ("leaving", "Leaving"),
            ("sent", "Sent"),
            ("failed", "Not sent"),
        ],
        default="to_send",
        required=True,
        readonly=True,
        copy=False,
    )
    sent_on = fields.Date(readonly=True, copy=False)
    user_id = fields.Many2one(
        "res.users", string="Sent By", readonly=True, copy=False, ondelete="restrict"
    )
    failure = fields.Char("Why Not Sent", readonly=True, copy=False)
    first_date = fields.Date(
        "First Possible Date",
        compute="_compute_first_date",
        help="The day it left, or today, and the notice of the formula after it.",
    )
    is_late = fields.Boolean(
        "Too Late",
        compute="_compute_first_date",
        help="The notice ends after the first day of the prices.",
    )

    _contract_uniq = models.Constraint(
        "UNIQUE (revision_id, contract_id)", "Contract: it has its letter of this revision already."
    )

    @api.depends("contract_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for letter in self:
            letter.display_name = self.env._("New prices, contract %s", letter.contract_id.name)

    @api.depends("sent_on", "date", "contract_id.price_formula_id.notice_days")
    def _compute_first_date(self):
        for letter in self:
            left = letter.sent_on or (letter.company_id or self.env.company)._get_today()
            days = letter.contract_id.sudo().price_formula_id.notice_days
            letter.first_date = left + relativedelta(days=days)
            letter.is_late = bool(letter.date) and letter.first_date > letter.date

    def _get_lines(self):
        """The prices that it announces."""
        self.ensure_one()
        return self.revision_id.line_ids.filtered(
            lambda line: line.is_applied and line.contract_id == self.contract_id
        )

    # === ACTIONS === #

    def action_send(self):
        """Have them leave in a moment, those that left before included."""
        self._check_may_send()
        self.sudo().write({"state": "leaving", "user_id": self.env.uid, "failure": False})
        self.env.ref("maintenance_contract.ir_cron_send_price_letters").sudo()._trigger()

    def action_note_sent(self):
        """Note that they left otherwise, by post or handed over."""
        self._check_may_send()
        self.sudo()._note_sent(self.env._("Sent by post, or handed over."))

    def action_print(self):
        self.check_access("read")
        report = self.env.ref("maintenance_contract.action_report_price_letter_contract")
        return report.report_action(self)

    def _check_may_send(self):
        self.check_access("read")
        self.revision_id.check_access("write")

    # === SENDING === #

    @api.model
    def _cron_send(self):
        """Send what was asked for; one that cannot leave says why and stops no other."""
        process_in_batches(
            self.sudo(),
            [("state", "=", "leaving")],
            LETTERS_PER_BATCH,
            lambda letters: letters._send(),
            lambda letter, error: letter._note_failure(error),
        )

    def _send(self):
        """Mail each to its customer with the PDF; runs in superuser mode.

        The mail and its note are of one transaction: neither is there without the other.
        """
        for letter in self:
            if obstacle := letter._get_obstacle():
                letter._note_failure(obstacle)
                continue
            author = letter.with_user(letter.user_id).sudo().with_company(letter.company_id)
            author.message_post_with_source(
                TEMPLATE,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                email_layout_xmlid=LAYOUT,
            )
            author._note_sent(
                self.env._("Sent to %s by e-mail.", letter.partner_id.email_formatted)
            )

    def _get_obstacle(self):
        """Why it cannot leave, for the user; nothing when it can."""
        if not self._get_lines():
            return self.env._("No price is revised: there is no letter.")
        if not self.partner_id.email_normalized:
            return self.env._(
                "%s has no e-mail address: print the letter and send it by post.",
                self.partner_id.display_name,
            )
        return False

    def _note_sent(self, how):
        for letter in self:
            letter.write(
                {
                    "state": "sent",
                    "sent_on": letter.company_id._get_today(),
                    "user_id": self.env.uid,
                    "failure": False,
                }
            )
            letter.contract_id._message_log(
                body=self.env._(
                    "Letter of the prices from %(date)s. %(how)s",
                    date=format_date(self.env, letter.date),
                    how=how,
                )
            )

    def _note_failure(self, error):
        self.write({"state": "failed", "failure": str(error)})


class MaintenancePriceRevision(models.Model):
    """The letters of a campaign, and whether they leave in time."""

    _inherit = "maintenance.price.revision"
    _guarded_fields = frozenset({"letter_ids"})

    letter_ids = fields.One2many(
        "maintenance.price.letter", "revision_id", string="Letters", readonly=True, copy=False
    )
    unsent_count = fields.Integer("Letters to Send", compute="_compute_unsent_count")
    notice_date = fields.Date(
        "Letters Leave By",
        compute="_compute_notice_date",
        help="The date, less the longest notice of the formulas.",
    )
    first_date = fields.Date(
        "First Possible Date",
        compute="_compute_notice_date",
        help="From when prices can apply that are announced today.",
    )
    is_late = fields.Boolean(compute="_compute_notice_date")

    @api.depends("letter_ids.state")
    def _compute_unsent_count(self):
        for revision in self:
            revision.unsent_count = len(revision._get_unsent())

    @api.depends("date", "state", "line_ids.outcome", "letter_ids.state")
    def _compute_notice_date(self):
        for revision in self:
            lines = revision.line_ids.filtered(lambda line: line.outcome == "revised")
            days = max(lines.contract_id.price_formula_id.mapped("notice_days"), default=0)
            today = (revision.company_id or self.env.company)._get_today()
            revision.notice_date = lines and revision.date - relativedelta(days=days)
            revision.first_date = lines and today + relativedelta(days=days)
            is_open = revision.state == "simulated" or revision._get_unsent()
            revision.is_late = bool(lines and is_open) and revision.notice_date < today

    def _get_unsent(self):
        return self.letter_ids.filtered(lambda letter: letter.state in ("to_send", "failed"))

    def action_print_letters(self):
        self.ensure_one()
        self.check_access("read")
        return self.env.ref("maintenance_contract.action_report_price_letter").report_action(self)

    def action_send_letters(self):
        """Mail the letters that have not left yet."""
        self.ensure_one()
        self.check_access("write")
        if not (letters := self._get_unsent()):
            raise UserError(self.env._("All letters have left."))
        letters.action_send()

    def _after_approve(self, lines):
        # EXTENDS billing
        self._renew_letters(lines)
        return super()._after_approve(lines)

    def _after_regularise(self, lines):
        # EXTENDS billing
        self._renew_letters(lines)
        return super()._after_regularise(lines)

    def _renew_letters(self, lines):
        """Have a letter to send for each contract of these lines; runs in superuser mode."""
        known = self.letter_ids.filtered(lambda letter: letter.contract_id in lines.contract_id)
        known.write({"state": "to_send"})
        self.env["maintenance.price.letter"].create(
            [
                {"revision_id": self.id, "contract_id": contract.id}
                for contract in lines.contract_id - known.contract_id
            ]
        )
