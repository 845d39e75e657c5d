import type { ServerResponse } from 'node:http';
import { MillMetrics } from '../metrics/mill-metrics.js';
import { openMetricsText, openMetricsType } from '../metrics/open-metrics.js';
import { planJson } from '../plan/explain/plan-json.js';
import { liveProgress } from '../report/live.js';
import type { MillView } from '../report/mill-view.js';
import { type Route, reply, replyJson } from './http-server.js';
import { pageHtml, pagePolicy } from './page/page.js';

const text = 'text/plain; charset=utf-8';

/** The routes of a mill: `/metrics`, `/plan`, `/progress`, and a page. From here on its calls are timed. */
export function millRoutes(view: MillView): readonly Route[] {
  const metrics = new MillMetrics(view);
  metrics.timeCalls();
  return [
    {
      path: '/metrics',
      answer: (_, response) => reply(response, 200, openMetricsType, openMetricsText(metrics.now())),
    },
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
    { path: '/progress', answer: (_, response) => replyJson(response, 200, liveProgress(view)) },
    { path: '/', answer: (_, response) => replyPage(response, view) },
  ];
}

function replyPage(response: ServerResponse, { plan }: MillView): void {
  response.setHeader('content-security-policy', pagePolicy);
  reply(response, 200, 'text/html; charset=utf-8', pageHtml(plan));
}
