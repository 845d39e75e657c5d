import { createHash } from 'node:crypto';
import { explainSvg } from '../../plan/explain/explain-svg.js';
import type { Plan } from '../../plan/plan.js';
import { script } from './script.js';
import { style } from './style.js';

/** The page of a service, in one file: it loads only numbers. */
export function pageHtml(plan: Plan): string {
  const name = escaped(plan.process.name);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
<h1>${name}</h1>
<p><span id="state" role="status">asking …</span><span id="counts"></span></p>
<button id="pause" type="button" aria-pressed="false">Pause</button>
<nav><a href="metrics">metrics</a> <a href="plan?format=text">plan</a> <a href="progress">progress</a> <a href="healthz">health</a></nav>
</header>
<main>
<section aria-labelledby="h-plan"><h2 id="h-plan">Plan</h2>
<div class="scroll">${explainSvg(plan)}</div>
<div id="details"><p>Choose a stream, an edge or the process: by a click, or with Tab and Enter.</p></div>
</section>
<section aria-labelledby="h-waits"><h2 id="h-waits">Who waits for whom</h2><ul id="waits"></ul></section>
<section aria-labelledby="h-skew"><h2 id="h-skew">Skew between the streams</h2>
<p class="small">How far the child of an edge is ahead of its parent, by the keys read last, over five minutes.</p>
<svg id="skew" role="img" aria-label="Skew over time" viewBox="0 0 600 160" preserveAspectRatio="none"></svg>
<ul id="legend"></ul>
</section>
<section aria-labelledby="h-streams"><h2 id="h-streams">Streams</h2>
<div class="scroll" role="region" aria-labelledby="h-streams" tabindex="0"><table id="streams">
<thead><tr><th scope="col">stream</th><th scope="col">read</th><th scope="col">per second</th><th scope="col">matched</th><th scope="col">passed over</th><th scope="col">late</th><th scope="col">bad</th><th scope="col">done</th></tr></thead>
<tbody></tbody>
</table></div>
</section>
<section aria-labelledby="h-held"><h2 id="h-held">In memory</h2><ul id="held"></ul></section>
</main>
<script>${script}</script>
</body>
</html>
`;
}

/** The page may only request its own service and run its own script. */
export const pagePolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function escaped(text: string): string {
  const escapes: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };
  return text.replace(/[<>&"]/g, (character) => escapes[character] as string);
}
