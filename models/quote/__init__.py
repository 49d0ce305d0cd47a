from . import res_company
from . import res_config_settings
from . import sale_order_line
from . import sale_order
from . import quotable_mixin
from . import helpdesk_ticket
from . import intervention
from . import project_task
