import { graphView } from "@web/views/graph/graph_view";
import { pivotView } from "@web/views/pivot/pivot_view";
import { addSpanViews } from "./span_control_panel";

// The browser loads these kinds of views when it needs them first.
addSpanViews({ graph: graphView, pivot: pivotView });
