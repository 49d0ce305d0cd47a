def post_init_hook(env):
    """Set up the companies that exist already, and close what the helpdesk left open."""
    env["res.company"].sudo().search([])._set_up_maintenance()
    # helpdesk_mgmt gave out a link for good to each file of a ticket, of internal notes too.
    env["ir.attachment"].sudo().search(
        [("res_model", "=", "helpdesk.ticket"), ("access_token", "!=", False)]
    ).access_token = False
