import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { type Broker, JsonFileMessageBroker, MemoryMessageBroker, WaterMill } from 'watermill';
import { watched } from '../mill/support/watched-broker.js';
import { cases, firstSeed, repeatBy } from '../support/cases.js';
import { Random } from '../support/random.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import {
  Child,
  LateMaster,
  Master,
  randomChildren,
  randomJoinedTable,
  randomMasters,
  Seen,
  type TableCall,
} from './joined-model.js';

type Case = ReturnType<typeof randomJoinedTable>;

const plain = (rows: Iterable<object>): string => JSON.stringify([...rows].map((row) => ({ ...row })));

/**
 * Runs mills that crash at a call of the broker, or are stopped in a call, with the table in memory or on disk, then
 * one to the end. Checks that the table always is as after some call.
 */
async function lives(random: Random, one: Case, broker: () => Broker, states: readonly string[], storeFolder: string) {
  for (let left = random.int(4); ; left--) {
    const table = one.tableOf(random.pick(['memory', 'memory', 'disk']));
    const isStopped = left > 0 && random.chance(0.3);
    let calls = 1 + random.int(12);
    const stop = (): void => {
      if (isStopped && --calls === 0) void mill.stop();
    };
    let until = left > 0 && !isStopped ? 1 + random.int(50) : Number.POSITIVE_INFINITY;
    const dying = watched(broker(), (call) => {
      if (call !== 'close' && --until === 0) throw new Error('crash');
    });
    const mill: WaterMill = new WaterMill({
      process: one.make(table, stop),
      broker: dying,
      inputs: one.inputs,
      commitEvery: { elements: 1 + random.int(6) },
      storeFolder,
    });
    const report = await mill.run().catch((error) => {
      if (until > 0) throw error;
    });
    const rows = plain(mill.table(table).range());
    if (!states.includes(rows)) throw new Error(`the table is as after none of the calls: ${rows}`);
    if (left <= 0 && report?.ended !== 'stopped') return rows;
  }
}

it('a table under joins, windows and late elements is that of plain code, also after crashes', async () => {
  const directory = temporaryDirectory();
  for (let seed = firstSeed(); seed < firstSeed() + cases(50); seed++) {
    const random = new Random(seed);
    const one = randomJoinedTable(random);
    const [masters, children] = [randomMasters(random, one.jitter), randomChildren(random)];
    const brokerOf = () =>
      new MemoryMessageBroker([
        [Master, masters],
        [Child, children],
      ]);
    const calls: TableCall[] = [];
    const reference = brokerOf();
    await new WaterMill({ process: one.calling(calls), broker: reference, inputs: one.inputs }).run();
    const { seen, states } = one.expected(calls);
    const broker = brokerOf();
    const rows = await lives(random, one, () => broker, states, directory.file(`${seed}`));
    const found = { seen: broker.written(Seen).map(({ text }) => text), late: broker.written(LateMaster), rows };
    const expected = { seen, late: reference.written(LateMaster), rows: states.at(-1) };
    expect({ repeat: repeatBy(seed), text: one.text, ...found }).toEqual({
      repeat: repeatBy(seed),
      text: one.text,
      ...expected,
    });
  }
  directory.remove();
}, 600_000);

it('the same over files that have grown after their end', async () => {
  const directory = temporaryDirectory();
  for (let seed = firstSeed(); seed < firstSeed() + cases(10); seed++) {
    const random = new Random(seed);
    const one = randomJoinedTable(random);
    const inputs = [
      [Master, randomMasters(random, one.jitter)],
      [Child, randomChildren(random)],
    ] as const;
    const file = (name: string, run = ''): string => directory.file(`${seed}/${name}${run}.ndjson`);
    const brokerOf = (run: string) =>
      new JsonFileMessageBroker(
        [
          [Master, file('Master')],
          [Child, file('Child')],
          [Seen, file('Seen', run)],
          [LateMaster, file('LateMaster', run)],
        ],
        { group: run, onEnded: 'continue' },
      );
    const calls: TableCall[] = [];
    mkdirSync(directory.file(`${seed}`));
    for (let part = 0; part < 3; part++) {
      for (const [{ name }, elements] of inputs) {
        const third = (k: number): number => Math.ceil((elements.length * k) / 3);
        const more = elements.slice(third(part), third(part + 1));
        if (part === 0 || more.length > 0) {
          appendFileSync(file(name), more.map((element) => `${JSON.stringify(element)}\n`).join(''));
        }
      }
      await new WaterMill({ process: one.calling(calls), broker: brokerOf('plain'), inputs: one.inputs }).run();
      const { seen, states } = one.expected(calls);
      const rows = await lives(random, one, () => brokerOf('tables'), states, directory.file(`${seed}/stores`));
      const found = (name: string, run: string) => readFileSync(file(name, run), 'utf8').split('\n').filter(Boolean);
      const about = { repeat: repeatBy(seed), text: one.text, part };
      expect({
        ...about,
        seen: found('Seen', 'tables').map((text) => JSON.parse(text).text),
        late: one.jitter === 0 ? [] : found('LateMaster', 'tables'),
        rows,
      }).toEqual({ ...about, seen, late: one.jitter === 0 ? [] : found('LateMaster', 'plain'), rows: states.at(-1) });
    }
  }
  directory.remove();
}, 600_000);
