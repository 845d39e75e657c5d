import {
  batchWindow,
  countWindow,
  Field,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  sessionWindow,
  slidingWindow,
  tumblingWindow,
  tuple,
  WaterMill,
  WindowBounds,
  window,
} from 'watermill';
import { settled, VirtualClock } from '../support/virtual-clock.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';

@Message()
class View {
  @Field() at!: Date;
  @Field() user!: string;
  @Field() page!: number;
}

@Message()
class Price {
  @Field() page!: number;
  @Field() amount!: number;
}

@Message()
class Text {
  @Field() text!: string;
}

const view = (at: number, user: string, page = at): View => message(View, { at: new Date(at), user, page });
const views = (...each: [at: number, user: string][]): View[] => each.map(([at, user]) => view(at, user));
const at = field(View, 'at');
const user = field(View, 'user');
const show = (members: readonly View[]): Text =>
  message(Text, { text: `${members[0]?.user}: ${members.map((each) => each.page).join(' ')}` });

async function callsOf(source: any, elements: View[]): Promise<string[]> {
  const broker = new MemoryMessageBroker([[View, elements]]);
  await new WaterMill({ process: processFunction(source, { emits: [Text] }, show as any), broker }).run();
  return broker.written(Text).map(({ text }) => text);
}

describe('a window by value', () => {
  it('is a session per user, called when the whole stream is past its end', async () => {
    const elements = views([0, 'a'], [1, 'b'], [4, 'a'], [8, 'a'], [9, 'c'], [20, 'c']);
    const sessions = sessionWindow(View, at, { gap: 5, by: user });
    expect(await callsOf(sessions, elements)).toEqual(['b: 1', 'a: 0 4 8', 'c: 9', 'c: 20']);
  });

  it('has one window per value and border, in the order of their last elements', async () => {
    const elements = views([0, 'a'], [1, 'b'], [2, 'a'], [10, 'b'], [12, 'c'], [13, 'b']);
    const tumbling = tumblingWindow(View, at, { size: 10, by: user });
    expect(await callsOf(tumbling, elements)).toEqual(['b: 1', 'a: 0 2', 'c: 12', 'b: 10 13']);
  });

  it('counts the elements of each value; incomplete windows come last', async () => {
    const elements = views([0, 'a'], [1, 'b'], [2, 'b'], [3, 'c'], [4, 'a'], [5, 'a']);
    expect(await callsOf(countWindow(View, { size: 2, by: user }), elements)).toEqual([
      'b: 1 2',
      'a: 0 4',
      'c: 3',
      'a: 5',
    ]);
  });

  it('looks back over the elements of one value', async () => {
    const elements = views([0, 'a'], [1, 'b'], [2, 'a'], [9, 'b']);
    expect(await callsOf(slidingWindow(View, at, { size: 5, by: user }), elements)).toEqual([
      'a: 0',
      'b: 1',
      'a: 0 2',
      'b: 9',
    ]);
  });

  it('splits a stretch of equal keys', async () => {
    const elements = views([0, 'a'], [1, 'b'], [2, 'a'], [10, 'b']);
    const decades = window(View, (each) => Math.floor(each.page / 10), { by: user });
    expect(await callsOf(decades, elements)).toEqual(['b: 1', 'a: 0 2', 'b: 10']);
  });

  it.each<[what: string, by: any]>([
    ['a tuple', tuple(user, field(View, 'page'))],
    ['a function that gives one', (each: View) => [each.user, each.page]],
    ['Dates', at],
    ['bigints', (each: View) => BigInt(each.page)],
    ['booleans', (each: View) => each.page > 1],
  ])('distinguishes values by type: %s', async (_, by) => {
    const elements = [view(1, 'a', 1), view(1, 'b', 1), view(1, 'a', 1), view(2, 'a', 2)];
    const found = await callsOf(
      tumblingWindow(View, (each: View) => each.page, { size: 100, by }),
      elements,
    );
    expect(found).toContain('a: 2');
    expect(found).toContain(found.length === 3 ? 'a: 1 1' : 'a: 1 1 1');
  });

  it('has its own borders', async () => {
    const sessions = sessionWindow(View, at, { gap: 5, by: user });
    const process = processFunction(sessions, { inject: [WindowBounds], emits: [Text] }, ([first], { start, end }) =>
      message(Text, { text: `${first?.user} ${start.getTime()}-${end.getTime()}` }),
    );
    const broker = new MemoryMessageBroker([[View, views([0, 'a'], [1, 'b'], [4, 'a'])]]);
    await new WaterMill({ process, broker }).run();
    expect(broker.written(Text).map(({ text }) => text)).toEqual(['b 1-1', 'a 0-4']);
  });

  it('works on the master of a join', async () => {
    const tree = joinStreams(
      tumblingWindow(View, field(View, 'page'), { size: 10, by: user }),
      joinWith(Price, { left: field(View, 'page'), right: field(Price, 'page') }),
    );
    const process = processFunction(tree, { emits: [Text] }, (members, prices) =>
      message(Text, {
        text: members.map((each) => `${each.user}${each.page}:${prices.first(each)?.amount}`).join(' '),
      }),
    );
    const broker = new MemoryMessageBroker([
      [View, views([0, 'a'], [1, 'b'], [2, 'a'], [3, 'b'])],
      [Price, [0, 1, 2].map((page) => message(Price, { page, amount: page * 10 }))],
    ]);
    await new WaterMill({ process, broker }).run();
    expect(broker.written(Text).map(({ text }) => text)).toEqual(['b1:10', 'a0:0 a2:20']);
  });

  it('fails for an element without a value, and names it', async () => {
    const by = (each: View) => (each.page === 2 ? (null as any) : each.user);
    const run = callsOf(tumblingWindow(View, at, { size: 10, by }), views([0, 'a'], [2, 'a']));
    await expect(run).rejects.toMatchObject({ code: 'WM_INVALID_KEY', details: { position: 1 } });
  });

  it('shows in the plan what it holds, and how far back a restart reads', () => {
    const sessions = sessionWindow(View, at, { gap: 5, by: user });
    const broker = new MemoryMessageBroker([[View, []]]);
    const plan = new WaterMill({ process: processFunction(sessions, {}, () => {}), broker }).explain();
    expect(plan).toContain('Window on View: for each value of View.user: elements at most 5 apart by View.at');
    expect(plan).toContain(
      'in memory: for each value of View.user with an open window: the elements of the open session',
    );
    expect(plan).toContain('a rare value whose window stays open holds it back');
    expect(plan).not.toContain('a commit holds');
    const counts = countWindow(View, { size: 3, every: 5, by: user });
    const counted = new WaterMill({ process: processFunction(counts, {}, () => {}), broker }).explain();
    expect(counted).toContain('a commit holds a position for each value with an open window');
  });
});

describe('batches by value', () => {
  const process = processFunction(batchWindow(View, { size: 3, timeoutMs: 100, by: user }), { emits: [Text] }, show);

  it('close when they are full, or each after its own timeout', async () => {
    const clock = new VirtualClock();
    const live = new ScriptedStream([], true);
    const broker = new ScriptedBroker([[View, live]]);
    const run = new WaterMill({ process, broker, clock }).run();
    const texts = () => broker.written(Text).map(({ text }) => text);
    await clock.advance(10);
    live.push(...views([0, 'a'], [1, 'b']));
    await clock.advance(60);
    live.push(...views([2, 'c'], [3, 'b'], [4, 'b'], [5, 'b']));
    await settled();
    expect(texts()).toEqual(['b: 1 3 4']);
    await clock.advance(39);
    expect(texts()).toHaveLength(1);
    await clock.advance(1);
    expect(texts()).toEqual(['b: 1 3 4', 'a: 0']);
    await clock.advance(60);
    expect(texts()).toEqual(['b: 1 3 4', 'a: 0', 'c: 2', 'b: 5']);
    live.end();
    await run;
  });
});
