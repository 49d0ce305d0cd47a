from . import (
    guarded_mixin,
    product_template,
    res_company,
    resource_calendar,
    resource_calendar_leaves,
)
