import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class MaintenanceSnapshotMixin(models.AbstractModel):
    """A value kept as it was when something was promised by it.

    Rows are found by what they say, so that thousands of records share a few; they never change
    and are never deleted: what was promised can be counted again at any time.
    """

    _name = "maintenance.snapshot.mixin"
    _description = "Snapshot"

    content = fields.Json(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True, copy=False)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("What was promised does not change."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was promised is kept."))

    @api.model
    def _keep(self, vals_list):
        """Return the row of each of these values, creating those that do not exist yet.

        :param list[dict] vals_list: all with the same fields, ``content`` among them
        :return: the rows, in the order of the values
        """
        digests = [self._get_digest(vals) for vals in vals_list]
        rows = self._find_by_digest(digests)
        missing = {
            digest: vals
            for digest, vals in zip(digests, vals_list, strict=True)
            if digest not in rows
        }
        if missing:
            self._insert_missing(missing)
            rows |= self._find_by_digest(list(missing))
        return self.browse(rows[digest] for digest in digests)

    @api.model
    def _get_digest(self, vals):
        return hashlib.sha256(json.dumps(vals, sort_keys=True).encode()).hexdigest()

    def _find_by_digest(self, digests):
        rows = self.env.execute_query(
            SQL(
                "SELECT digest, id FROM %s WHERE digest IN %s",
                SQL.identifier(self._table),
                tuple(digests) or ("",),
            )
        )
        return dict(rows)

    def _insert_missing(self, vals_by_digest):
        """Insert rows, unless another transaction was faster: then Odoo tries ours again."""
        names = [*next(iter(vals_by_digest.values())), "digest"]
        rows = [
            tuple(self._fields[name].convert_to_column_insert(vals[name], self) for name in names)
            for vals in ({**vals, "digest": digest} for digest, vals in vals_by_digest.items())
        ]
        now, uid = self.env.cr.now(), self.env.uid
        self.env.execute_query(
            SQL(
                "INSERT INTO %s (%s, create_uid, create_date) VALUES %s "
                "ON CONFLICT (digest) DO NOTHING RETURNING id",
                SQL.identifier(self._table),
                SQL(", ").join(map(SQL.identifier, names)),
                SQL(", ").join((*row, uid, now) for row in rows),
            )
        )
