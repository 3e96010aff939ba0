import { registry } from "@web/core/registry";
import { Component } from "@odoo/owl";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Seconds as m:ss; empty for none. */
export function formatDuration(seconds) {
    if (!seconds) {
        return "";
    }
    const whole = Math.round(Math.abs(seconds));
    const text = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
    return seconds < 0 ? `-${text}` : text;
}

const formatMilliseconds = (value) => formatDuration(value / 1000);

export class DurationField extends Component {
    static template = "voip_billing_base.DurationField";
    static props = { ...standardFieldProps };

    format(value) {
        return formatDuration(value);
    }

    get text() {
        return this.format(this.props.record.data[this.props.name]);
    }
}

export class MillisecondsField extends DurationField {
    format(value) {
        return formatMilliseconds(value);
    }
}

const supportedTypes = ["integer", "float"];
registry
    .category("fields")
    .add("voip_seconds", { component: DurationField, supportedTypes })
    .add("voip_milliseconds", { component: MillisecondsField, supportedTypes });
registry
    .category("formatters")
    .add("voip_seconds", formatDuration)
    .add("voip_milliseconds", formatMilliseconds);
