from . import core
from . import installed_base
from . import coverage
from . import preventive
from . import fieldwork
from . import service_level
from . import helpdesk
from . import billing
