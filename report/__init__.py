from . import intervention
from . import sla_explanation
from . import tier_matrix
from . import visit_schedule
