"""What the buttons of a record open: for the staff, who may read the record (RELIABILITY R8).

A button is a public method: by RPC anybody calls it on any record.
"""

from odoo.exceptions import AccessError, UserError


def _check_may_open(records):
    records.check_access("read")
    if not (records.env.su or records.env.user._is_internal()):
        raise AccessError(records.env._("This is for the staff only."))


def open_window(record, action_name, **values):
    """A window of this addon about one record.

    :param str action_name: identifier of the window action in this addon
    :param values: what this record changes of it
    :raises AccessError: to customers, and to who may not read the record
    """
    record.ensure_one()
    _check_may_open(record)
    action = record.env["ir.actions.actions"]._for_xml_id(f"maintenance_contract.{action_name}")
    return {**action, **values}


def open_form(record, field_name="id"):
    """The form of one record, or of the one that a field of it names.

    :raises AccessError: to customers, and to who may not read the record
    :raises UserError: when the field is empty
    """
    record.ensure_one()
    _check_may_open(record)
    target = record if field_name == "id" else record[field_name]
    if not target:
        raise UserError(
            record.env._(
                "%(record)s: %(field)s is empty, there is nothing to open.",
                record=record.display_name,
                field=record._fields[field_name]._description_string(record.env),
            )
        )
    return {
        "type": "ir.actions.act_window",
        "res_model": target._name,
        "view_mode": "form",
        "res_id": target.id,
    }


def open_dialog(records, title, model_name, **context):
    """A dialog about some records.

    :param context: its default values
    :raises AccessError: to customers, and to who may not read the records
    """
    _check_may_open(records)
    return {
        "name": title,
        "type": "ir.actions.act_window",
        "res_model": model_name,
        "view_mode": "form",
        "target": "new",
        "context": context,
    }
