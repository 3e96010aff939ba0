import { registry } from "@web/core/registry";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { listView } from "@web/views/list/list_view";

const TIMES = ["start", "started_at"];
// What finds its rows without a span of time, as the server has it (voip.volume).
const FINDING = ["id", "batch_id", "summary_id", "call_id", "source_ref"];
const EQUAL = ["=", "in"];

/** Says which span of time is searched where the person has chosen none. */
export class SpanControlPanel extends ControlPanel {
    static template = "voip_billing_base.SpanControlPanel";

    get conditions() {
        return this.env.searchModel.domain.filter(Array.isArray);
    }

    get isSpanned() {
        return this.conditions.some(
            ([name, operator]) =>
                (TIMES.includes(name) && [">", ">=", ...EQUAL].includes(operator)) ||
                (FINDING.includes(name) && EQUAL.includes(operator))
        );
    }

    get hasEnd() {
        return this.conditions.some(([name]) => TIMES.includes(name));
    }
}

/** Add views of these kinds that say which span of time is searched. */
export function addSpanViews(views) {
    for (const [type, view] of Object.entries(views)) {
        registry
            .category("views")
            .add(`voip_span_${type}`, { ...view, ControlPanel: SpanControlPanel });
    }
}

addSpanViews({ list: listView, kanban: kanbanView });
