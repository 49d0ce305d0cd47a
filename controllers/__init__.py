from . import own_ticket
from . import ticket_form
from . import ticket_portal
from . import idea_portal
from . import inventory_portal
from . import offer_portal
from . import quote_portal
