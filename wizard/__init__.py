from . import escalation
from . import idea_decline
from . import intervention_closing
from . import intervention_closing_line
from . import intervention_closing_request
from . import termination
from . import visit_planning
from . import visit_skip
