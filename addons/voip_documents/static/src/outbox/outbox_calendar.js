import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { CalendarCommonPopover } from "@web/views/calendar/calendar_common/calendar_common_popover";
import { CalendarCommonRenderer } from "@web/views/calendar/calendar_common/calendar_common_renderer";
import { CalendarController } from "@web/views/calendar/calendar_controller";
import { CalendarRenderer } from "@web/views/calendar/calendar_renderer";
import { calendarView } from "@web/views/calendar/calendar_view";
import { CalendarMobileFilterPanel } from "@web/views/calendar/mobile_filter_panel/calendar_mobile_filter_panel";
import { onWillStart } from "@odoo/owl";

const STAFF = "voip_billing_base.group_voip_user";

/** What a mail is, with Hold and Release for those who may. */
class OutboxPopover extends CalendarCommonPopover {
    static subTemplates = {
        ...CalendarCommonPopover.subTemplates,
        footer: "voip_documents.OutboxPopover.footer",
    };

    setup() {
        super.setup();
        this.orm = useService("orm");
        onWillStart(async () => {
            this.isStaff = await user.hasGroup(STAFF);
        });
    }

    get state() {
        return this.props.record.rawRecord.state;
    }

    async onMove(method) {
        const { model, record } = this.props;
        await this.orm.call(model.resModel, method, [[record.id]]);
        this.props.close();
        await model.load();
    }
}

class OutboxCommonRenderer extends CalendarCommonRenderer {
    static components = { ...CalendarCommonRenderer.components, Popover: OutboxPopover };
}

class OutboxRenderer extends CalendarRenderer {
    static components = {
        ...CalendarRenderer.components,
        day: OutboxCommonRenderer,
        week: OutboxCommonRenderer,
        month: OutboxCommonRenderer,
    };
}

/** Colours of states are CSS colours; Odoo's own panel knows numbers only. */
class OutboxMobileFilterPanel extends CalendarMobileFilterPanel {
    static template = "voip_documents.OutboxMobileFilterPanel";
}

class OutboxController extends CalendarController {
    static components = {
        ...CalendarController.components,
        MobileFilterPanel: OutboxMobileFilterPanel,
    };
}

registry.category("views").add("voip_outbox_calendar", {
    ...calendarView,
    Controller: OutboxController,
    Renderer: OutboxRenderer,
});
