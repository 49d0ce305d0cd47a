def post_init_hook(env):
    """Give every company that exists already its numbering and planning project."""
    env["res.company"].sudo().search([])._set_up_maintenance()
