from . import (
    contract,
    coverage,
    maintenance_equipment,
    res_partner,
    service,
    service_family,
    stock_move,
    stock_move_line,
    tier,
    tier_cell,
    warranty_type,
)
