from . import (
    check,
    contract,
    intervention,
    intervention_line,
    maintenance_equipment,
    project_task,
    visit,
    visit_group,
)
