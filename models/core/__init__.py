from . import finite_mixin
from . import guarded_mixin
from . import product_template
from . import res_company
from . import res_config_settings
from . import resource_calendar
from . import resource_calendar_leaves
from . import snapshot_mixin
