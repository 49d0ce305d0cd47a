"""Creating records by the thousand, where `create` would take most of the time."""

from odoo.tools import SQL
from odoo.tools.misc import clean_context


def insert_records(model, vals_list):
    """Create records in one statement, without what `create` does for each of them.

    Meant for rows that the program decides whole, such as the visits of a series: nothing is left
    to compute or to announce. The database checks them; Python's constraints and the checks of
    companies do not run, as the values are copied from records that passed theirs.

    :param model: empty recordset, in superuser mode
    :param list[dict] vals_list: values by field; each gives the same fields, all of columns
    :return: the records, in the order of their values
    """
    if not vals_list:
        return model
    # Defaults meant for what the user creates are not meant for these rows.
    model = model.with_env(model.env(context=clean_context(model.env.context)))
    names = list(vals_list[0])
    common = _get_common_values(model, names)
    columns = [(name, model._fields[name].convert_to_column_insert) for name in names]
    ending = tuple(
        model._fields[name].convert_to_column_insert(value, model) for name, value in common.items()
    )
    rows = [
        (*(convert(vals[name], model, vals) for name, convert in columns), *ending)
        for vals in vals_list
    ]
    inserted = model.env.execute_query(
        SQL(
            "INSERT INTO %s (%s) VALUES %s RETURNING id",
            SQL.identifier(model._table),
            SQL(", ").join(map(SQL.identifier, [*names, *common])),
            SQL(", ").join(rows),
        )
    )
    records = model.browse(id_ for (id_,) in inserted)
    _announce(records, [*names, *common])
    return records


def _get_common_values(model, given):
    """Defaults and log of access: the same for all rows."""
    missing = [
        name
        for name, field in model._fields.items()
        if field.store and field.column_type and name not in given
    ]
    now = model.env.cr.now()
    return {
        **model.default_get(missing),
        "create_uid": model.env.uid,
        "create_date": now,
        "write_uid": model.env.uid,
        "write_date": now,
    }


def _announce(records, names):
    """Let the ORM compute and forget what depends on the new records."""
    fields = [records._fields[name] for name in names]
    with records.env.protecting(fields, records):
        records.modified(names, create=True)
    for field in fields:
        for inverse in records.pool.field_inverses[field]:
            records.env[inverse.model_name].invalidate_model([inverse.name], flush=False)
