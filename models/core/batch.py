"""Running a cron's work in committed batches, so that a kill loses nothing and one record that
fails stops no other."""

import logging
import random
import time

from psycopg2 import OperationalError

from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

MAX_RETRIES = 3
# Seconds, at most, before the first retry; twice as long before each of the following.
FIRST_DELAY = 0.2


def process_in_batches(model, domain, size, work, on_error):
    """Do ``work`` on the records of ``domain``, committing after each batch.

    Each record is taken once a run, in the order of identifiers; those locked by another server
    are left to it. A batch that fails is done again record by record, and each record that fails
    alone is handed to ``on_error``. A batch to which another transaction was first is done again
    a little later, a few times, before the run ends and the cron comes again (FM3). Stops when
    the cron's time is over: the rest waits for the next run, which Odoo starts at once.

    :param model: empty recordset, in the environment of the cron
    :param domain: records to process; it must exclude those that are done
    :param int size: records in a batch
    :param work: function of a recordset; run in a savepoint
    :param on_error: function of a record and the exception
    :return: whether all were taken; when not, what comes after them in the run has to wait: it
        would count anew what remains, and Odoo would take zero of that for the end of the work
    :rtype: bool
    """
    cron = model.env["ir.cron"]
    domain = Domain(domain)
    cron._commit_progress(remaining=model.search_count(domain))
    last_id = 0
    while batch := model.search(domain & Domain("id", ">", last_id), order="id", limit=size):
        last_id = batch.ids[-1]
        _insist(batch, domain, work, on_error)
        # Committed records are not read again: keep the memory of the process flat.
        model.env.invalidate_all()
        if not cron._commit_progress(len(batch)):
            return False
    return True


def tell_failure(record, error):
    """Say in the chatter of the record, once, why a cron left it aside."""
    if str(error) not in str(record.message_ids[:1].body):
        record.message_post(body=record.env._("An automatic run left this aside: %s", error))


def _insist(batch, domain, work, on_error):
    """Process a batch; what another transaction was first to is done again, in a new one."""
    cr = batch.env.cr
    for attempt in range(MAX_RETRIES + 1):
        try:
            locked = batch.try_lock_for_update(allow_referencing=True).filtered_domain(domain)
            _process(locked, work, on_error)
            break
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            if attempt == MAX_RETRIES:
                raise
            # What was done before is committed; this one no longer sees what is there.
            cr.rollback()
            time.sleep(random.uniform(0, FIRST_DELAY * 2**attempt))


def _process(records, work, on_error):
    if not records:
        return
    try:
        with records.env.cr.savepoint():
            work(records)
    except OperationalError:
        # Another transaction was first, or the database is gone: no savepoint mends that.
        raise
    except Exception as error:
        if len(records) > 1:
            for record in records:
                _process(record, work, on_error)
            return
        _logger.warning("%s was left aside: %s", records, error, exc_info=True)
        on_error(records, error)
