import { registry } from "@web/core/registry";

function findItems(text) {
    return [...document.querySelectorAll(".vis-item.vis-range")]
        .filter((box) => box.innerText.includes(text))
        .map((box) => box["vis-item"]);
}

function findGroup(name, { parent }) {
    return Object.values(parent.itemSet.groups).find((group) =>
        group.dom.label.innerText.includes(name),
    ).groupId;
}

registry.category("web_tour.tours").add("planning_board", {
    steps: () => [
        {
            content: "A technician without any task has a row",
            trigger: ".vis-labelset .vis-label:contains(mc_idle)",
        },
        {
            content: "A task stands in the rows of both its technicians; drop one on another row",
            trigger: ".vis-item.vis-range:contains(Measure together)",
            run() {
                const items = findItems("Measure together");
                if (items.length !== 2) {
                    throw new Error(`Expected in 2 rows, found in ${items.length}`);
                }
                const from = findGroup("mc_technician_2", items[0]);
                const item = items.find(({ data }) => data.group === from);
                // vis-timeline knows no gesture that a tour can make: begin where it hands over.
                item.parent.itemSet.options.onMove(
                    { ...item.data, group: findGroup("mc_idle", item) },
                    () => {},
                );
            },
        },
        {
            content: "The board warns that this technician is on another task then",
            trigger: ".o_notification:contains(Tidy the van)",
        },
        {
            content: "Add a one-off task",
            trigger: ".o_planning_new",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] textarea",
            run: "edit Wash the van",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});
