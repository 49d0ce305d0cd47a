"""Writing thousands of records, each with its own values, in one statement."""

from collections import defaultdict

from odoo.tools import SQL


def update_records(model, vals_by_id):
    """Write values that the program decides whole, without what `write` does for each record.

    For figures that are recomputed from a log: the checks and the trackings of `write` have
    nothing to say about them. Records with values for the same fields go in one statement.

    :param model: recordset of the model, in superuser mode
    :param dict[int, dict] vals_by_id: values by field, all of columns, for each record
    """
    batches = defaultdict(dict)
    for id_, vals in vals_by_id.items():
        if vals:
            batches[tuple(vals)][id_] = vals
    for names, batch in batches.items():
        _update(model, names, batch)


def _update(model, names, vals_by_id):
    records = model.browse(vals_by_id)
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
