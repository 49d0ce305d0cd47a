"""The request a customer acts on: read as himself, and his own (RELIABILITY R8, R25)."""

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.http import request

TEXT_LENGTH = 20_000


def read_id(text):
    """The identifier in a parameter of a page; 0, which no record has, for anything else."""
    text = str(text or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def find_own_ticket(ticket_id):
    """The request that the user may read as himself, of his own company.

    :raises NotFound: for one that does not exist as for one of somebody else
    """
    ticket = request.env["helpdesk.ticket"].browse(read_id(ticket_id))
    if not ticket.exists() or not ticket.has_access("read"):
        raise request.not_found()
    if not ticket._is_customer(request.env.user):
        raise request.not_found()
    return ticket


def act_on(ticket, step):
    """Take one step on a request for its customer, and show the request again.

    The right to take it was checked; from here it is the program that acts, so that nothing it
    writes passes for the customer's word. What the step refuses is shown on the page.

    :param step: function of the request
    """
    try:
        with request.env.cr.savepoint():
            step(ticket.with_user(SUPERUSER_ID))
    except UserError as error:
        return back_to(ticket, str(error))
    return back_to(ticket)


def back_to(ticket, notice=None):
    """Show the request again, with what there is to say about the last step."""
    request.session["ticket_notice"] = notice
    return request.redirect(f"/my/ticket/{ticket.id}")
