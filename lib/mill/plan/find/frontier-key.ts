import type { Expression } from '../../../expressions/expression.js';
import { kindOf } from '../../../joins/windows/window-kinds.js';
import type { OrderPolicy } from '../plan.js';
import type { SourceParts } from './find-source.js';

/**
 * The key by which the master is ordered: that of its window, of its first edge, or of its slack. Undefined if its
 * order is arbitrary.
 */
export function frontierKeyOf(
  { window, edges, fold }: SourceParts,
  order: OrderPolicy | undefined,
): Expression<any, any> | undefined {
  // The call of a folded window has no element.
  if (fold !== undefined) return undefined;
  if (window !== undefined && 'key' in window && kindOf(window).key === 'ordered') return window.key;
  return edges[0]?.left ?? (order?.policy === 'slack' ? order.by : undefined);
}
