"""Why this deadline, in words: one line for each thing that happened to a clock."""

from odoo import fields

from ...tools.sla_explanation import explain
from .instants import to_datetime, to_instant
from .reading import format_duration, format_moment, format_span

# Icon and colour of each line.
LOOKS = {
    "promised": ("fa-file-text-o", "muted"),
    "received": ("fa-inbox", "primary"),
    "pending": ("fa-hourglass-o", "muted"),
    "allowance": ("fa-globe", "info"),
    "counted": ("fa-play-circle-o", "info"),
    "asleep": ("fa-moon-o", "muted"),
    "holiday": ("fa-calendar-times-o", "muted"),
    "paused": ("fa-pause-circle-o", "warning"),
    "closed": ("fa-minus-circle", "muted"),
    "changed": ("fa-exchange", "primary"),
    "corrected": ("fa-wrench", "primary"),
    "reopened": ("fa-undo", "primary"),
    "manual": ("fa-handshake-o", "primary"),
    "released": ("fa-chain-broken", "primary"),
    "left": ("fa-map-marker", "success"),
    "stopped": ("fa-flag-checkered", "success"),
    "due": ("fa-bell-o", "dark"),
    "computed": ("fa-calculator", "muted"),
    "overrun": ("fa-exclamation-triangle", "danger"),
    "no_deadline": ("fa-ban", "danger"),
}
# Spans of time; others happen at an instant.
SPANS = ("counted", "asleep", "holiday", "paused", "closed", "overrun")
# Whose seconds are told beside them: what was promised, and what used it up.
TIMED_LINES = ("received", "allowance", "changed", "corrected", "counted", "overrun")
# A clock of many weeks is told by its turning points: each night apart would hide them.
LONGEST_EXPLANATION = 50


class Teller:
    """Puts the lines of one cycle into words.

    :param clock: in the environment of the reader
    :param cycle: of `tools.sla`
    :param log: its events, as `maintenance.sla.event` gives them
    """

    def __init__(self, clock, cycle, log, for_customer):
        self.clock, self.env, self.cycle = clock, clock.env, cycle
        self.log = self.env["maintenance.sla.event"].browse(event.key for event in log)
        self.for_customer = for_customer
        self.now = to_instant(fields.Datetime.now())
        # What applies at the line that is being told.
        self.term = self._get_first_term()

    def tell(self):
        lines = [self._tell_promise()]
        if self.cycle.started is None:
            return [*lines, self._make("pending", self._tell_pending())]
        for line in self._fold(explain(self.cycle, self.now)):
            lines.append(self._tell_line(line))
            if line.name == "due" and self.cycle.manual_deadline and self.cycle.computed_deadline:
                lines.append(self._tell_computed())
        return lines

    def _get_first_term(self):
        """The term that this cycle began with: the last of those before its start."""
        earlier = self.log.filtered(
            lambda event: (
                event.term_id
                and (self.cycle.started is None or to_instant(event.at) <= self.cycle.started)
            )
        )
        return earlier[-1:].term_id or self.clock.term_id

    def _fold(self, lines):
        """Join what is counted and asleep between two turning points, if it is too much to read."""
        if len(lines) <= LONGEST_EXPLANATION:
            return lines
        folded = []
        for line in lines:
            last = folded[-1] if folded else None
            if last and line.name in ("counted", "asleep") and last.name == "counted":
                folded[-1] = last._replace(end=line.end, seconds=last.seconds + line.seconds)
            else:
                folded.append(line)
        return folded

    def _tell_line(self, line):
        event = self.log[line.event] if line.event is not None else self.log.browse()
        if line.name in ("changed", "corrected"):
            self.term = event.term_id
        text = getattr(self, f"_tell_{line.name}")(line, event)
        if line.name == "received":
            # What was promised then, whatever a change made of it later.
            line = line._replace(seconds=self.term._get_value().budget(line.start)[0] or 0)
        is_span = line.name in SPANS
        return self._make(
            line.name,
            text,
            start=line.start,
            end=line.end if is_span else line.start,
            note="" if self.for_customer else event.note,
            duration=line.seconds if line.name in TIMED_LINES else 0,
            is_now=line.name in ("left", "overrun") and self.cycle.stopped is None,
            is_future=line.start >= self.now and is_span,
        )

    def _make(
        self,
        name,
        text,
        start=None,
        end=None,
        note="",
        duration=0,
        is_now=False,
        is_future=False,
    ):
        icon, color = LOOKS[name]
        start, end = to_datetime(start), to_datetime(end)
        return {
            "name": name,
            "text": text,
            "note": note or "",
            "when": format_span(self.env, start, end),
            "start": start,
            "end": end,
            "duration": format_duration(self.env, duration) if duration else "",
            "icon": icon,
            "color": "danger" if name in ("stopped", "due") and self._is_late() else color,
            "is_now": is_now,
            "is_future": is_future,
        }

    def _is_late(self):
        return self.cycle.state(self.now) in ("overdue", "met_late")

    def _get_name(self, event):
        """Who did it, for those who may know; a machine is nobody."""
        user = event.user_id
        if user == self.env.ref("base.user_root") or (self.for_customer and not user.share):
            return ""
        return user.name

    # === BEFORE THE START === #

    def _tell_promise(self):
        obligations = self._get_words("maintenance.sla.target", "obligation")
        values = {
            "kind": self.clock._get_kind_name(),
            "promise": self.term._get_promise(),
            "obligation": obligations[self.term.content["obligation"]],
        }
        return self._make(
            "promised",
            self.env._("%(kind)s: %(promise)s.", **values)
            if self.term.unit in ("text", "none")
            else self.env._("%(kind)s: %(promise)s. %(obligation)s.", **values),
            note=self._tell_clause(),
        )

    def _tell_clause(self):
        """Where it is written, and by which hours it is counted."""
        term = self.term
        calendars = (term.calendar_version_id | term.site_calendar_version_id).calendar_id
        values = {"policy": term.policy_id.name, "version": term.policy_version}
        if not calendars or term.unit in ("calendar_hours", "text", "none"):
            return self.env._("Policy “%(policy)s”, version %(version)s.", **values)
        values |= {"calendar": calendars[0].name, "zone": calendars[0].tz}
        if len(calendars) == 1:
            return self.env._(
                "Policy “%(policy)s”, version %(version)s. Hours of “%(calendar)s” (%(zone)s).",
                **values,
            )
        return self.env._(
            "Policy “%(policy)s”, version %(version)s. Hours when both “%(calendar)s” and "
            "“%(other)s” are open (%(zone)s).",
            other=calendars[1].name,
            **values,
        )

    def _get_words(self, model_name, field_name):
        """The labels of a selection in the language of the reader."""
        return dict(self.env[model_name]._fields[field_name]._description_selection(self.env))

    def _tell_pending(self):
        starts = {
            "escalated": self.env._("It starts when the request is escalated on site."),
            "resolved": self.env._("It starts when the request is resolved."),
        }
        return starts.get(self.term.content["start_event"], self.env._("It has not started yet."))

    def _tell_received(self, line, event):
        if self.cycle.number > 1:
            text = self.env._("Counted anew.")
        else:
            text = {
                "received": self.env._("Received."),
                "entered": self.env._("Entered."),
                "escalated": self.env._("Escalated on site."),
                "resolved": self.env._("Resolved."),
            }[self.term.content["start_event"]]
        if line.end == line.start:
            return text
        opening = format_moment(self.env, to_datetime(line.end))
        return self.env._(
            "%(what)s Outside the service hours: counted from the next opening, %(opening)s.",
            what=text,
            opening=opening,
        )

    def _tell_allowance(self, line, event):
        return self.env._("Of which allowance for the time difference.")

    # === SPANS OF TIME === #

    def _tell_counted(self, line, event):
        is_whole = line.seconds == line.end - line.start
        if line.start >= self.now:
            return (
                self.env._("Will count.")
                if is_whole
                else self.env._("Will count during the service hours.")
            )
        return (
            self.env._("Counted.") if is_whole else self.env._("Counted during the service hours.")
        )

    def _tell_asleep(self, line, event):
        return self.env._("Asleep: outside the service hours.")

    def _tell_holiday(self, line, event):
        return self.env._("Asleep: %s.", line.detail)

    def _tell_paused(self, line, event):
        if name := self._get_name(event):
            return self.env._(
                "Paused by %(user)s: %(reason)s.", user=name, reason=event.reason_id.name
            )
        return self.env._("Paused: %s.", event.reason_id.name)

    def _tell_closed(self, line, event):
        return self.env._("Taken for done: not counted.")

    def _tell_overrun(self, line, event):
        if self.cycle.stopped is None:
            return self.env._("Overdue.")
        return self.env._("Late.")

    # === TURNING POINTS === #

    def _tell_changed(self, line, event):
        rule = self._get_words("maintenance.sla.event", "rule")[event.rule]
        parts = filter(None, (self.term.severity_id.name, self.term._get_promise()))
        values = {"promise": ", ".join(parts), "rule": rule, "user": self._get_name(event)}
        if values["user"]:
            return self.env._("Changed by %(user)s to %(promise)s. %(rule)s.", **values)
        return self.env._("Changed to %(promise)s. %(rule)s.", **values)

    def _tell_corrected(self, line, event):
        values = {"promise": self.term._get_promise(), "user": self._get_name(event)}
        if values["user"]:
            return self.env._(
                "Corrected by %(user)s to %(promise)s, counted again from the start.", **values
            )
        return self.env._("Corrected to %(promise)s, counted again from the start.", **values)

    def _tell_reopened(self, line, event):
        rules = self._get_words("maintenance.sla.policy", "reopen_rule")
        values = {"rule": rules[self.term.content["reopen_rule"]], "user": self._get_name(event)}
        if values["user"]:
            return self.env._("Re-opened by %(user)s. %(rule)s.", **values)
        return self.env._("Re-opened. %(rule)s.", **values)

    def _tell_manual(self, line, event):
        values = {
            "deadline": format_moment(self.env, to_datetime(line.end)),
            "user": self._get_name(event),
        }
        if values["user"]:
            return self.env._(
                "%(user)s agreed on another deadline with the customer: %(deadline)s.", **values
            )
        return self.env._("Another deadline was agreed: %(deadline)s.", **values)

    def _tell_released(self, line, event):
        if name := self._get_name(event):
            return self.env._("The agreed deadline was given up by %s.", name)
        return self.env._("The agreed deadline was given up.")

    # === WHERE IT STANDS === #

    def _tell_left(self, line, event):
        left = format_duration(self.env, line.seconds)
        match self.cycle.state(self.now):
            case "paused":
                return self.env._("Now, paused: %s left.", left)
            case "asleep":
                return self.env._("Now, asleep: %s left.", left)
        return self.env._("Now: %s left.", left)

    def _tell_stopped(self, line, event):
        if self.cycle.superseded:
            return self.env._("Replaced by another count.")
        return {
            "cancelled": self.env._("Cancelled."),
            "met_late": self.env._("Reached, late."),
            "met": self.env._("Reached in time: %s left.", format_duration(self.env, line.seconds)),
        }.get(line.detail, self.env._("Reached."))

    def _tell_due(self, line, event):
        if self.cycle.manual_deadline is None:
            return self.env._("Deadline.")
        return self.env._("Deadline, as agreed.")

    def _tell_computed(self):
        deadline = self.cycle.computed_deadline
        return self._make(
            "computed",
            self.env._("The deadline without that agreement."),
            start=deadline,
            end=deadline,
        )

    def _tell_no_deadline(self, line, event):
        return {
            "no_commitment": self.env._("No deadline: nothing is promised."),
            "text": self.env._("No deadline: it is promised in words."),
            "no_opening": self.env._("No deadline can be computed: the calendar never opens."),
        }[line.detail]
