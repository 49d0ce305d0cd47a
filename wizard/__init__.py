from . import (
    intervention_closing,
    intervention_closing_line,
    termination,
    visit_planning,
    visit_skip,
)
