import { kindRow } from '../../../joins/join-kind.js';
import type { Plan, PlanEdge } from '../plan.js';

/** An edge as SQL, between the tables of its parent and of the survivors of its child. */
export function edgeSql(plan: Plan, edge: PlanEdge): string {
  const { kind, matching, left, right, on } = edge;
  const child = plan.nodes[edge.child]!.name;
  const equalities = on.map(([a, b]) => `${b} = ${a}`);
  const condition = [matching.toSql(String(left), String(right)), ...equalities].join(' AND ');
  const { sql } = kindRow(kind);
  if ('where' in sql) return `WHERE ${sql.where} (SELECT * FROM ${child} WHERE ${condition})`;
  if (matching.pick === 'all') return `${sql.join} ${child} ON ${condition}`;
  const order = { last: `${right} DESC`, first: `${right}`, nearest: `ABS(${right} - (${left})), ${right}` }[
    matching.pick
  ];
  const one = `LATERAL (SELECT * FROM ${child} WHERE ${condition} ORDER BY ${order} LIMIT 1) ${child}`;
  return `${sql.join} ${one} ON TRUE`;
}
