import { _t } from "@web/core/l10n/translation";
import { serializeDateTime } from "@web/core/l10n/dates";
import { makeContext } from "@web/core/context";
import { registry } from "@web/core/registry";
import { escape } from "@web/core/utils/strings";
import { useService } from "@web/core/utils/hooks";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { TimelineController } from "@web_timeline/views/timeline/timeline_controller.esm";
import { TimelineModel } from "@web_timeline/views/timeline/timeline_model.esm";
import { TimelineRenderer } from "@web_timeline/views/timeline/timeline_renderer.esm";
import { TimelineView } from "@web_timeline/views/timeline/timeline_view.esm";

const { DateTime } = luxon;

const UNASSIGNED = -1;
const QUARTER_HOUR = 15 * 60 * 1000;
const CLOSED_STATES = ["1_done", "1_canceled"];
const MINOR_LABELS = {
    minute: "HH:mm",
    hour: "HH:mm",
    weekday: "ccc d",
    day: "d",
    week: "'#'W",
    month: "LLL",
    year: "yyyy",
};
const MAJOR_LABELS = {
    minute: "cccc d LLLL",
    hour: "cccc d LLLL",
    weekday: "LLLL yyyy",
    day: "LLLL yyyy",
    week: "LLLL yyyy",
    month: "yyyy",
};

/**
 * The planning board: web_timeline, where a task stands in the row of each of its technicians,
 * and moves from one to another when it is dragged.
 */
export class PlanningTimelineModel extends TimelineModel {
    setup(params) {
        super.setup(params);
        // web_timeline asks what the user may do by a method that Odoo deprecates.
        const orm = this.orm;
        this.orm = Object.assign(Object.create(orm), {
            call: (model, method, args, kwargs) =>
                method === "check_access_rights"
                    ? orm.call(model, "has_access", [[], args[0]])
                    : orm.call(model, method, args, kwargs),
        });
    }

    get isByTechnician() {
        return this.last_group_bys[0] === "user_ids";
    }

    /** One item per technician of the task; its key is not the task's, since it is there twice. */
    getItems(tasks) {
        if (!this.isByTechnician) {
            return tasks;
        }
        return tasks.flatMap((task) =>
            (task.user_ids.length ? task.user_ids : [UNASSIGNED]).map((user) => ({
                ...task,
                user_ids: [user],
                key: `${task.id}-${user}`,
            })),
        );
    }

    _event_data_transform(record) {
        const isMovable = this.canEdit && !CLOSED_STATES.includes(record.state);
        return {
            ...super._event_data_transform(record),
            id: record.key || record.id,
            title: [record.display_name, ...(record.planning_warning || "").split("\n")]
                .map((line) => `<div>${escape(line)}</div>`)
                .join(""),
            editable: { updateTime: isMovable, updateGroup: isMovable, remove: false },
        };
    }
}

export class PlanningTimelineRenderer extends TimelineRenderer {
    setup() {
        super.setup();
        this.options = {
            ...this.options,
            // vis-timeline would round to six hours when it shows a week.
            snap: (date) => new Date(Math.round(date.valueOf() / QUARTER_HOUR) * QUARTER_HOUR),
            itemsAlwaysDraggable: { item: true },
            // Days and hours in the language and the time zone of the user, not of the browser.
            moment: (date) => {
                const moment = window.vis.moment(date);
                return moment.utcOffset(DateTime.fromMillis(moment.valueOf()).offset);
            },
            format: {
                minorLabels: (date, scale) => this.formatLabel(date, MINOR_LABELS[scale]),
                majorLabels: (date, scale) => this.formatLabel(date, MAJOR_LABELS[scale]),
            },
        };
    }

    formatLabel(date, format) {
        return format ? DateTime.fromMillis(date.valueOf()).toFormat(format) : "";
    }

    getXSSWhiteList() {
        return { ...super.getXSSWhiteList(), span: ["class", "name", "title"] };
    }

    on_data_loaded(tasks, adjustWindow) {
        return super.on_data_loaded(this.model.getItems(tasks), adjustWindow);
    }

    async split_groups(items) {
        if (!this.model.isByTechnician) {
            return super.split_groups(items);
        }
        const busy = [...new Set(items.map((item) => item.user_ids[0]))];
        const technicians = await this.orm.call("project.task", "get_planning_technicians", [
            busy.filter((user) => user !== UNASSIGNED),
        ]);
        return [
            { id: UNASSIGNED, content: `<b>${escape(_t("Unassigned"))}</b>`, order: 0 },
            ...technicians.map(({ id, name }, index) => ({
                id,
                content:
                    `<img class="o_avatar rounded me-2" width="24" height="24" alt="" ` +
                    `src="/web/image/res.users/${id}/avatar_128"/><span>${escape(name)}</span>`,
                order: index + 1,
            })),
        ];
    }
}

export class PlanningTimelineController extends TimelineController {
    static template = "maintenance_contract.PlanningTimeline";

    setup() {
        super.setup();
        this.notification = useService("notification");
    }

    async reload() {
        await this.model.load(this.getSearchProps());
        this.render();
    }

    openItem(resId, isEditable) {
        // What a button of the form did is shown too, hence on closing rather than on saving.
        this.dialogService.add(
            FormViewDialog,
            { resModel: this.model.model_name, resId, preventEdit: !isEditable, title: _t("Task") },
            { onClose: () => this.reload() },
        );
    }

    _onAdd(item, callback) {
        // The new task comes with the next loading of the board.
        callback(null);
        const start = DateTime.fromJSDate(item.start);
        const end = item.end ? DateTime.fromJSDate(item.end) : start.plus({ hours: 1 });
        const context = {
            default_planned_date_begin: serializeDateTime(start),
            default_date_deadline: serializeDateTime(end),
        };
        if (this.model.isByTechnician && item.group !== UNASSIGNED) {
            context.default_user_ids = [item.group];
        }
        this.createTask(context);
    }

    createTask(context = {}) {
        this.dialogService.add(FormViewDialog, {
            resModel: this.model.model_name,
            context: makeContext([this.env.searchModel.context, context]),
            title: _t("New Task"),
            onRecordSaved: () => this.reload(),
        });
    }

    _onMove(item, callback) {
        super._onMove(item, callback);
        const move = this.moveQueue.at(-1);
        move.id = item.evt.id;
        if (this.model.isByTechnician) {
            const [from] = item.evt.user_ids;
            if (from !== item.group) {
                // The other technicians of the task stay on it.
                move.data.user_ids = [
                    ...(from === UNASSIGNED ? [] : [[3, from]]),
                    ...(item.group === UNASSIGNED ? [] : [[4, item.group]]),
                ];
            }
        } else if (this.model.fields[this.model.last_group_bys[0]].readonly) {
            delete move.data[this.model.last_group_bys[0]];
        }
    }

    async internalMove() {
        const moved = this.moveQueue.map((move) => move.id);
        try {
            await super.internalMove();
        } catch (error) {
            // A refused move goes back where it was.
            await this.reload();
            throw error;
        }
        for (const task of this.model.data) {
            if (moved.includes(task.id) && task.planning_warning) {
                this.notification.add(task.planning_warning, {
                    title: task.display_name,
                    type: "warning",
                });
            }
        }
    }
}

registry.category("views").add("planning_timeline", {
    ...TimelineView,
    Model: PlanningTimelineModel,
    Renderer: PlanningTimelineRenderer,
    Controller: PlanningTimelineController,
});
