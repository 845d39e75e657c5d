import type { Plan } from '../plan.js';
import { type PlanDrawing, planDrawing } from './plan-drawing.js';

const style = `
svg.plan { color-scheme: light dark; font: 13px system-ui, sans-serif; background: Canvas; color: CanvasText; }
.plan text { fill: CanvasText; }
.plan .small { font-size: 11px; opacity: 0.75; }
.plan .name { font-weight: 600; }
.plan rect { fill: Canvas; stroke: #64748b; stroke-width: 1.5; }
.plan .process rect { stroke: #2563eb; stroke-width: 2; }
.plan .output rect { stroke: #16a34a; }
.plan path { fill: none; stroke: #64748b; stroke-width: 1.5; }
.plan .dashed { stroke-dasharray: 5 4; }
`;

/** A plan as a picture: streams on the left, joined into the process, results on the right. Self-contained. */
export function explainSvg(plan: Plan): string {
  const drawing = planDrawing(plan);
  const { width, height } = drawing;
  const title = `The plan of ${plan.process.name}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="plan" role="img" aria-label="${escaped(title)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerUnits="userSpaceOnUse" markerWidth="10" markerHeight="10" orient="auto"><path d="M0 0 8 4 0 8" /></marker></defs>',
    ...drawing.arrows.map(arrowSvg),
    ...drawing.boxes.map(boxSvg),
    '</svg>',
    '',
  ].join('\n');
}

function boxSvg({ id, kind, x, y, width, height, lines, about }: PlanDrawing['boxes'][number]): string {
  const [name = '', ...others] = lines;
  const texts = [
    `<text class="name" x="${x + 12}" y="${y + 22}">${escaped(name)}</text>`,
    ...others.map((line, i) => `<text class="small" x="${x + 12}" y="${y + 40 + 16 * i}">${escaped(line)}</text>`),
    `<text class="small live" x="${x + 12}" y="${y + height - 8}"></text>`,
  ];
  const radius = kind === 'process' ? 16 : 4;
  const rect = `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" />`;
  return `<g id="${id}" class="${kind}"><title>${escaped(about)}</title>${rect}${texts.join('')}</g>`;
}

function arrowSvg({ id, from, to, lines, isDashed, about }: PlanDrawing['arrows'][number]): string {
  const middle = (from.x + to.x) / 2;
  const d = `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
  const y = (from.y + to.y) / 2;
  const text = (line: string, dy: number, name: string): string =>
    `<text class="${name}" text-anchor="middle" x="${middle}" y="${y + dy}">${escaped(line)}</text>`;
  const labels = lines.map((line, i) => text(line, -6 - 14 * (lines.length - 1 - i), 'small'));
  const path = `<path d="${d}"${isDashed ? ' class="dashed"' : ''} marker-end="url(#arrow)" />`;
  return `<g id="${id}" class="edge"><title>${escaped(about)}</title>${path}${labels.join('')}${text('', 16, 'small live')}</g>`;
}

function escaped(text: string): string {
  const escapes: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };
  return text.replace(/[<>&"]/g, (character) => escapes[character] as string);
}
