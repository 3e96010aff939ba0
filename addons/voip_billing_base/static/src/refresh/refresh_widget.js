import { registry } from "@web/core/registry";
import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

export const REFRESH_MS = 2000;

/** Reads the record again while it is shown: work goes on in the background. */
export class Refresh extends Component {
    static template = "voip_billing_base.Refresh";
    static props = { ...standardWidgetProps };

    setup() {
        onMounted(() => {
            this.timer = setInterval(() => this.refresh(), REFRESH_MS);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    async refresh() {
        const { record } = this.props;
        // What somebody types is not lost to it, and one answer at a time.
        if (this.reading || (await record.isDirty())) {
            return;
        }
        this.reading = true;
        try {
            await record.load();
        } catch {
            // The server is away: the next time.
        } finally {
            this.reading = false;
        }
    }
}

registry.category("view_widgets").add("voip_refresh", { component: Refresh });
