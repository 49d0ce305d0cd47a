"""Writing thousands of records, each with its own values, in one statement."""

from odoo.tools import SQL


def update_records(model, vals_by_id):
    """Write values that the program decides whole, without what `write` does for each record.

    For figures that are recomputed from a log: the checks and the trackings of `write` have
    nothing to say about them.

    :param model: recordset of the model, in superuser mode
    :param dict[int, dict] vals_by_id: values by field, for each record; all give the same fields,
        all of columns
    """
    if not vals_by_id:
        return
    records = model.browse(vals_by_id)
    names = list(next(iter(vals_by_id.values())))
    columns = [model._fields[name] for name in names]
    # What waits to be written must not be written over these values later.
    records.flush_recordset(names)
    rows = [
        (id_, *(column.convert_to_column_insert(vals[column.name], model) for column in columns))
        for id_, vals in vals_by_id.items()
    ]
    model.env.execute_query(
        SQL(
            "UPDATE %s SET %s FROM (VALUES %s) AS new (id, %s) WHERE %s.id = new.id "
            "RETURNING %s.id",
            SQL.identifier(model._table),
            SQL(", ").join(
                SQL(
                    "%s = new.%s::%s",
                    SQL.identifier(column.name),
                    SQL.identifier(column.name),
                    SQL(column.column_type[1]),  # pylint: disable=sql-injection
                )
                for column in columns
            ),
            SQL(", ").join(rows),
            SQL(", ").join(map(SQL.identifier, names)),
            SQL.identifier(model._table),
            SQL.identifier(model._table),
        )
    )
    records.invalidate_recordset(names, flush=False)
    records.modified(names)
