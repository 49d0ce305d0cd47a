from odoo.tests import freeze_time

from .service_common import ServiceCommon, local


class IndicatorCommon(ServiceCommon):
    """Requests of June 2027 and their indicators, as the contract manager reads them."""

    def _at(self, moment):
        """Freeze the time at a local moment, with nothing read before left in memory."""
        self.env.flush_all()
        self.env.invalidate_all()
        return freeze_time(local(moment))

    def _reach(self, ticket, kind, moment):
        with freeze_time(local(moment)):
            ticket._reach(kind)

    def _resolve(self, ticket, moment):
        with freeze_time(local(moment)):
            ticket.with_user(self.dispatcher)._resolve("Done.")

    def _reopen(self, ticket, moment):
        with freeze_time(local(moment)):
            ticket.with_user(self.dispatcher)._reopen()

    def _read(self, model, groupby, *aggregates, domain=()):
        """The figures that the manager reads, by group."""
        report = self.env[model].with_user(self.manager).with_context(tz="Europe/Zurich")
        return {
            tuple(row[: len(groupby)]) if len(groupby) > 1 else row[0]: row[len(groupby) :]
            for row in report._read_group(domain, groupby, aggregates)
        }
