from . import intervention
from . import tier_matrix
from . import visit_schedule
