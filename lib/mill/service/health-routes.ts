import { reasonOf } from '../../base/thrown.js';
import type { Health } from '../report/health.js';
import { type Route, replyJson } from './http-server.js';

/** Probes: `/healthz` for `healthy`, `/readyz` for `ready`, with 200 or 503 and the complete health as JSON. */
export function healthRoutes(health: () => Health): readonly Route[] {
  const probe = (path: string, what: 'healthy' | 'ready'): Route => ({
    path,
    answer(_, response) {
      const found = answerOf(health);
      replyJson(response, found[what] ? 200 : 503, found);
    },
  });
  return [probe('/healthz', 'healthy'), probe('/readyz', 'ready')];
}

/** A mill whose health cannot be determined is not healthy. */
function answerOf(health: () => Health): Pick<Health, 'ready' | 'healthy'> {
  try {
    return health();
  } catch (error) {
    return Object.assign({ ready: false, healthy: false }, { error: reasonOf(error) });
  }
}
