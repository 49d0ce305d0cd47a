import { expect, test } from "@odoo/hoot";
import { click } from "@odoo/hoot-dom";
import { mockTimeZone } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";

import { formatSeconds } from "@maintenance_contract/sla_badge/seconds_field";
import { SlaBadge } from "@maintenance_contract/sla_badge/sla_badge";

// The web client reads its discussions whatever is mounted.
defineMailModels();

const RUNNING = {
    state: "running",
    kind: "First Answer",
    word: "Running",
    icon: "fa-play-circle-o",
    color: "info",
    remaining: "3 h 20 left",
    deadline: "2027-06-07 13:00:00",
    reached: false,
    is_agreed: false,
    promise: "4 opening hours",
    tooltip: "First Answer: 4 opening hours (BEST, version 1)",
};
const PAUSED = {
    ...RUNNING,
    state: "paused",
    word: "Paused",
    icon: "fa-pause-circle-o",
    color: "warning",
    deadline: false,
};

async function mountBadge(badge, props = {}) {
    await mountWithCleanup(SlaBadge, { props: { badge, ...props } });
}

test("a badge says its state by icon, word and colour, and what is left", async () => {
    await mountBadge(RUNNING);
    expect(".badge.text-bg-info i.fa-play-circle-o").toHaveCount(1);
    expect(".badge").toHaveText("Running · 3 h 20 left");
    expect(".o_sla_badge > .text-muted").toHaveText("First Answer");
});

test("what stands in a column of its own is left out", async () => {
    await mountBadge(RUNNING, { noKind: true });
    expect(".o_sla_badge").toHaveText("Running · 3 h 20 left");
});

test("a delay missed before stays red beside what is counted now", async () => {
    await mountBadge({ ...RUNNING, is_late: true });
    expect(".badge.text-bg-info").toHaveText("Running · 3 h 20 left");
    expect(".badge.text-bg-danger").toHaveText("Late");
});

test("what is red itself is not called late twice", async () => {
    await mountBadge({ ...RUNNING, word: "Overdue", color: "danger", is_late: true });
    expect(".badge.text-bg-danger").toHaveCount(1);
});

test("a card tells the deadline in the time zone of the reader, and the clause", async () => {
    mockTimeZone(+2);
    await mountBadge(RUNNING, { onClick: () => expect.step("why") });
    expect(".o_sla_card").toHaveText(/due .*3:00\sPM/);
    expect(".o_sla_card").toHaveText(/4 opening hours/);
    expect(".o_sla_card").toHaveAttribute("title", /version 1\)\n.*15:00:00/);
    await click(".o_sla_card");
    expect.verifySteps(["why"]);
});

test("a card tells when it was reached, not when it was due", async () => {
    await mountBadge(
        { ...RUNNING, word: "Met", remaining: "", reached: "2027-06-07 12:00:00" },
        { onClick: () => {} },
    );
    expect(".o_sla_card").toHaveText(/reached/);
    expect(".o_sla_card").not.toHaveText(/due/);
});

test("a paused clock has time left and no deadline", async () => {
    await mountBadge(PAUSED, { onClick: () => {} });
    expect(".o_sla_card.o_sla_warning").toHaveText(/Paused\s*3 h 20 left/);
    expect(".o_sla_card").not.toHaveText(/due/);
});

test("counted seconds are hours and minutes", () => {
    expect(formatSeconds(0)).toBe("0:00");
    expect(formatSeconds(59)).toBe("0:00");
    expect(formatSeconds(12_600)).toBe("3:30");
    expect(formatSeconds(360_060)).toBe("100:01");
});
