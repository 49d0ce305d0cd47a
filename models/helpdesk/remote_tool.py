from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.remote_link import PLACEHOLDER, is_identifier, is_template


class MaintenanceRemoteTool(models.Model):
    """A means of helping from afar: remote control, video call, telephone.

    A tool with an address opens from the session. The address comes from here and the identifier
    from the session; neither can make it anything else than https at the host of the tool.
    """

    _name = "maintenance.remote.tool"
    _description = "Remote Tool"
    _inherit = ["maintenance.finite.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    url_template = fields.Char(
        "Address",
        help="What the link of a session opens: https, with {identifier} where the identifier "
        "goes. Empty: no link.",
    )
    identifier_format = fields.Selection(
        [
            ("digits", "Digits"),
            ("email", "E-mail address"),
            ("phone", "Phone number"),
            ("name", "Letters, digits and . _ -"),
        ],
        default="name",
        required=True,
    )
    service_id = fields.Many2one(
        "maintenance.service",
        string="Service of the Tiers",
        ondelete="restrict",
        help="The row of the tier matrix that says who may have it. Where the tier does not "
        "include it, the technician is warned. Empty: for everybody.",
    )
    identifier_help = fields.Char(
        "Identifier", translate=True, help="What to ask the customer for, e.g. “TeamViewer ID”."
    )

    @api.constrains("url_template")
    def _check_url_template(self):
        for tool in self:
            if tool.url_template and not is_template(tool.url_template):
                raise ValidationError(
                    self.env._(
                        "Address of %(tool)s: give an https address with %(placeholder)s once, "
                        "after the host.",
                        tool=tool.name,
                        placeholder=PLACEHOLDER,
                    )
                )

    def _check_identifier(self, identifier):
        """Refuse an identifier that this tool does not use.

        :raises ValidationError: naming the tool and the format
        """
        self.ensure_one()
        if identifier and not is_identifier(self.identifier_format, identifier):
            formats = dict(self._fields["identifier_format"]._description_selection(self.env))
            raise ValidationError(
                self.env._(
                    "Identifier: “%(identifier)s” is none of %(tool)s. It takes: %(format)s.",
                    identifier=identifier,
                    tool=self.name,
                    format=formats[self.identifier_format],
                )
            )

    def _get_tier_warning(self, tier):
        """What to know before helping with this tool: that the tier does not include it.

        :rtype: str | bool
        """
        self.ensure_one()
        cell = tier.cell_ids.filtered(lambda cell: cell.service_id == self.service_id)
        return cell.kind == "excluded" and self.env._(
            "The tier %(tier)s does not include: %(service)s.",
            tier=tier.name,
            service=self.service_id.name,
        )
