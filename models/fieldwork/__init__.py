from . import intervention
from . import intervention_line
from . import project_task
from . import check
from . import visit
from . import visit_group
from . import contract
from . import maintenance_equipment
