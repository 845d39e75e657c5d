import { CallTimes } from '../metrics/call-times.js';
import { metricsOf } from '../metrics/mill-metrics.js';
import { openMetricsText, openMetricsType } from '../metrics/open-metrics.js';
import { planJson } from '../plan/explain/plan-json.js';
import type { MillView } from '../report/mill-view.js';
import { type Route, reply, replyJson } from './http-server.js';

const text = 'text/plain; charset=utf-8';

/** What a mill says of itself: `/metrics`, `/plan` and `/progress`. From here on its calls are timed. */
export function millRoutes(view: MillView): readonly Route[] {
  const times = new CallTimes();
  view.watchCalls(times.watch);
  return [
    { path: '/metrics', answer: (_, response) => reply(response, 200, openMetricsType, metricsText(view, times)) },
    {
      path: '/plan',
      answer(url, response) {
        const format = url.searchParams.get('format') ?? 'json';
        if (format === 'json') replyJson(response, 200, planJson(view.plan));
        else if (format === 'text' || format === 'mermaid') reply(response, 200, text, view.explain({ format }));
        else if (format === 'svg') reply(response, 200, 'image/svg+xml; charset=utf-8', view.explain({ format }));
        else reply(response, 400, text, 'The format is json, text, mermaid or svg.\n');
      },
    },
    { path: '/progress', answer: (_, response) => replyJson(response, 200, view.progress()) },
  ];
}

function metricsText(view: MillView, times: CallTimes): string {
  return openMetricsText(metricsOf(view, times));
}
