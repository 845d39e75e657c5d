/** Light and dark, as the system is set. */
export const style = `
:root { color-scheme: light dark; --accent: #2563eb; --line: #94a3b8; --bad: #b91c1c; }
@media (prefers-color-scheme: dark) { :root { --accent: #60a5fa; --line: #475569; --bad: #f87171; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 0 1rem 2rem; background: Canvas; color: CanvasText; }
header { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: baseline; border-bottom: 1px solid var(--line); }
header p { margin: 0; flex: 1; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-bottom: 0.25rem; }
a { color: var(--accent); }
button { font: inherit; padding: 0.1rem 0.8rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.scroll { overflow-x: auto; }
.small { font-size: 0.85rem; opacity: 0.8; }
.bad { color: var(--bad); font-weight: 600; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: right; padding: 0.15rem 0.75rem; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
.plan g[tabindex] { cursor: pointer; }
.plan g[aria-pressed="true"] rect, .plan g[aria-pressed="true"] path { stroke: var(--accent); stroke-width: 3; }
.plan .waits rect { stroke-dasharray: 6 4; }
.plan .live { fill: var(--accent); font-variant-numeric: tabular-nums; opacity: 1; }
#skew { width: 100%; height: 160px; border: 1px solid var(--line); }
#skew polyline { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
#skew line { stroke: var(--line); vector-effect: non-scaling-stroke; }
#legend li { list-style: none; display: inline-block; margin-right: 1.5rem; padding-left: 0.4rem; border-left: 0.8rem solid; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0.5rem 0; } dt { opacity: 0.75; } dd { margin: 0; overflow-wrap: anywhere; }
`;
