/** Polls the service once a second, and shows its progress. Plain JavaScript for current browsers. */
export const script = `
'use strict';
const everyMs = 1000, keptMs = 300000, patienceMs = 10000;
const colours = ['#2563eb', '#d97706', '#16a34a', '#db2777', '#7c3aed', '#0891b2'];
const byId = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
const make = (name, text, className) => {
  const element = document.createElement(name);
  element.textContent = text;
  if (className) element.className = className;
  return element;
};
const inSvg = (name, attributes) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};
let plan, planText, now, before, selected, isPaused = false;
const history = [];

async function look() {
  try {
    if (!isPaused) await refresh();
  } finally {
    setTimeout(look, everyMs);
  }
}

async function refresh() {
  let found;
  try {
    found = await ask('progress');
    if (plan === undefined || found.calls < now?.calls) await askForPlan();
  } catch (error) {
    const isAnswer = error instanceof Refused;
    state(isAnswer ? error.message : 'The service does not answer: it has ended, or cannot be reached.', true);
    // The next answer may be that of another run.
    if (!isAnswer) plan = undefined;
    return;
  }
  before = now;
  now = Object.assign(found, { at: performance.now() });
  show();
}

class Refused extends Error {}

async function ask(path) {
  const response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(patienceMs) });
  if (!response.ok) throw new Refused('The service answers with an error: ' + (await response.text()));
  return response.json();
}

/** A service that was started again may have another plan: then the picture is another, too. */
async function askForPlan() {
  plan = await ask('plan');
  if (planText !== undefined && planText !== plan.text) location.reload();
  planText = plan.text;
}

/** Announced by screen readers when it changes. */
function state(text, isBad) {
  if (byId('state').textContent !== text) byId('state').textContent = text;
  byId('state').className = isBad ? 'bad' : '';
  if (isBad) byId('counts').textContent = '';
}

/** Per second, since the last poll. */
function rate(count, countBefore) {
  const ms = before === undefined ? 0 : now.at - before.at;
  // Counts begin anew when the service is started again.
  return ms > 0 && count >= countBefore ? ((count - countBefore) * 1000) / ms : 0;
}

const nodeRate = (i) => rate(now.nodes[i].read, before?.nodes[i]?.read);

function show() {
  const lanes = now.lanes === 1 ? '1 lane' : now.lanes + ' lanes';
  const done = now.fraction === undefined ? '' : ', ' + Math.floor(now.fraction * 100) + ' % done';
  const running = now.restoring.length > 0 ? 'restoring tables' : now.ready ? 'running' : 'not ready';
  const health = now.healthy ? running : 'not healthy';
  state(health + ', ' + lanes, !now.healthy);
  byId('counts').textContent = ', ' + number(now.calls) + ' calls' + done;
  showPlan();
  const restoring = now.restoring.map(({ table, read, left }) =>
    'Restoring ' + table + ': ' + number(read) + ' changes read' + (left === undefined ? '' : ', ' + number(left) + ' left') + '.');
  list('waits', restoring.concat(now.waiting.map((each) => each.sentence)), 'Nothing waits.');
  list('held', now.held.map(({ by, elements }) => by + ': ' + number(elements)), 'Nothing.');
  showStreams();
  showSkew();
  if (selected) showDetails(false);
}

function list(id, texts, otherwise) {
  byId(id).replaceChildren(...(texts.length > 0 ? texts : [otherwise]).map((text) => make('li', text)));
}

function live(id, text) {
  const element = document.querySelector('#' + id + ' .live');
  if (element) element.textContent = text;
}

function showPlan() {
  const awaited = new Set(now.waiting.flatMap((each) => each.awaited));
  now.nodes.forEach((node, i) => {
    live('node-' + i, number(node.read) + ' read, ' + number(nodeRate(i)) + '/s');
    byId('node-' + i)?.classList.toggle('waits', awaited.has(node.name));
  });
  live('process', number(now.calls) + ' calls, ' + number(rate(now.calls, before?.calls)) + '/s');
  now.results.forEach(({ count }, i) => live('output-' + i, number(count) + ' written'));
  for (const edge of plan.edges) live('edge-' + now.nodes.findIndex(({ name }) => name === edge.child), number(heldBy(edge)) + ' held');
  if (plan.window) live('window', number(now.held.at(-1).elements) + ' held');
}

function heldBy({ parent, child }) {
  return now.held.find(({ by }) => by === parent + ' to ' + child)?.elements ?? 0;
}

function showStreams() {
  const rows = now.nodes.map((node, i) => {
    const row = document.createElement('tr');
    const done = node.fraction === undefined ? '' : Math.floor(node.fraction * 100) + ' %';
    const counts = [node.read, nodeRate(i), node.matched, node.passedOver, node.late, node.bad].map(number);
    for (const text of [node.name + ' (' + node.stream + ')', ...counts, done]) row.append(make('td', text));
    return row;
  });
  byId('streams').tBodies[0].replaceChildren(...rows);
}

/** The same for an edge in the picture and in its legend. */
const colourOf = (edge) => colours[plan.edges.findIndex(({ child }) => child === edge.child) % colours.length];
const nameOf = ({ parent, child }) => child + ' ahead of ' + parent;

function skewText({ skew, isTime, left, right }) {
  if (skew === undefined) return right + ' and ' + left;
  return isTime ? number(skew / 1000) + ' s' : number(skew);
}

function showSkew() {
  const edges = now.edges.filter(({ skew }) => skew !== undefined);
  history.push({ at: now.at, skews: new Map(edges.map((edge) => [nameOf(edge), edge.skew])) });
  while (history[0].at < now.at - keptMs) history.shift();
  const all = history.flatMap(({ skews }) => [...skews.values()]);
  const high = Math.max(0, ...all), low = Math.min(0, ...all), range = high - low || 1;
  const y = (skew) => 150 - ((skew - low) / range) * 140;
  const x = (at) => 600 - ((now.at - at) / keptMs) * 600;
  const lines = edges.map((edge) => {
    const points = history.flatMap(({ at, skews }) => {
      const skew = skews.get(nameOf(edge));
      return skew === undefined ? [] : [x(at).toFixed(1) + ',' + y(skew).toFixed(1)];
    });
    return inSvg('polyline', { points: points.join(' '), stroke: colourOf(edge) });
  });
  byId('skew').replaceChildren(inSvg('line', { x1: 0, x2: 600, y1: y(0), y2: y(0) }), ...lines);
  byId('legend').replaceChildren(
    ...now.edges.map((edge) => {
      const item = make('li', nameOf(edge) + ': ' + skewText(edge));
      item.style.borderColor = colourOf(edge);
      return item;
    }),
  );
}

/** Screen readers announce what was chosen, not each of its new numbers. */
function showDetails(isChosen) {
  byId('details').setAttribute('aria-live', isChosen ? 'polite' : 'off');
  const [kind, index] = selected.split('-');
  const pairs = detailsOf(kind, Number(index));
  const found = document.createElement('dl');
  for (const [name, text] of pairs) found.append(make('dt', name), make('dd', String(text)));
  byId('details').replaceChildren(found);
}

function detailsOf(kind, index) {
  if (kind === 'node') {
    const { order, unreadable, silent } = plan.streams[index];
    const { name, stream, read, matched, passedOver, late, bad } = now.nodes[index];
    const counts = { read, matched, 'passed over': passedOver, late, bad };
    const policies = { 'out of order': order, unreadable, silent };
    return [['stream', name + ': ' + stream], ...Object.entries(counts).map(([key, value]) => [key, number(value)]), ...Object.entries(policies)];
  }
  if (kind === 'edge') {
    const edge = plan.edges.find(({ child }) => child === now.nodes[index].name);
    const { parent, child, kind, condition, sql, decided, inMemory } = edge;
    const skew = now.edges.find((edge) => edge.child === child);
    return Object.entries({ edge: parent + ' to ' + child, kind, condition, SQL: sql, decided, 'in memory': inMemory, held: number(heldBy(edge)), skew: skew ? skewText(skew) : 'not known yet' });
  }
  if (kind === 'window') return [['window', plan.window.description], ['in memory', plan.window.inMemory]];
  if (kind === 'output') return Object.entries({ results: now.results[index].name, stream: now.results[index].stream, written: number(now.results[index].count) });
  return Object.entries({ process: plan.process, calls: number(now.calls), open: number(now.openCalls), 'depends on the clock': plan.clockUses.join('; ') || 'no' });
}

function select(group) {
  for (const other of document.querySelectorAll('.plan g[tabindex]')) other.setAttribute('aria-pressed', String(other === group));
  selected = group.id;
  if (now && plan) showDetails(true);
}

for (const group of document.querySelectorAll('.plan g[id]')) {
  if (group.id.startsWith('to-')) continue;
  const title = group.querySelector('title').textContent;
  for (const [key, value] of Object.entries({ tabindex: 0, role: 'button', 'aria-pressed': 'false', 'aria-label': title })) group.setAttribute(key, value);
  group.addEventListener('click', () => select(group));
  group.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    select(group);
  });
}
// It contains buttons, which would not be reachable inside a picture.
document.querySelector('svg.plan').setAttribute('role', 'group');
byId('pause').addEventListener('click', () => {
  isPaused = !isPaused;
  byId('pause').setAttribute('aria-pressed', String(isPaused));
  byId('pause').textContent = isPaused ? 'Continue' : 'Pause';
});
look();
`;
