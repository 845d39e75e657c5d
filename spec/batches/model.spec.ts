import nodeFs from 'node:fs';
import { type BatchRequest, type BatchSource, BatchStream, resetStream } from 'watermill/batches';
import { cases, firstSeed } from '../support/cases.js';
import { Random } from '../support/random.js';
import { PoweredDisk, PowerFailed } from './powered-disk.js';

type Positions = Readonly<Record<string, number>>;
type Bounds = Readonly<Record<string, readonly [after: number, to: number]>>;

/** What the directory may hold. A crash leaves several possibilities, of which later calls exclude all but one. */
interface State {
  /** Undefined before the first start. */
  readonly sources: readonly string[] | undefined;
  readonly positions: Positions;
  readonly lastId: number;
  readonly lastCommit: number;
  readonly open: Bounds | undefined;
}

const empty: State = { sources: undefined, positions: {}, lastId: 0, lastCommit: 0, open: undefined };

interface Choices {
  readonly names: readonly string[];
  readonly added?: 'from the beginning';
  readonly removed?: 'forget';
  readonly onRestart?: 'repeat' | 'decide anew';
}

const without = (positions: Positions, gone: readonly string[]): Positions =>
  Object.fromEntries(Object.entries(positions).filter(([name]) => !gone.includes(name)));

/** The states that a start passes through, the last one when it succeeds; or that it is refused. */
function started(state: State, { names, added, removed, onRestart }: Choices): State[] | 'refused' {
  const { sources, open, lastId } = state;
  const fresh = names.filter((name) => sources !== undefined && !sources.includes(name));
  const gone = (sources ?? []).filter((name) => !names.includes(name));
  if (fresh.length > 0 && added === undefined) return 'refused';
  if (gone.length > 0 && removed === undefined) return 'refused';
  const isDropped = onRestart === 'decide anew' && open !== undefined;
  if (!isDropped && gone.some((name) => open !== undefined && Object.hasOwn(open, name))) return 'refused';
  const dropped = isDropped ? { ...state, open: undefined, lastCommit: lastId } : state;
  return [state, dropped, { ...dropped, sources: names, positions: without(dropped.positions, gone) }];
}

function reset(state: State, source: string | undefined, to: number | undefined): State {
  const id = state.lastId + 1;
  const kept = source === undefined ? {} : without(state.positions, [source]);
  const positions = to === undefined ? kept : { ...kept, [source as string]: to };
  return { ...state, positions, open: undefined, lastId: id, lastCommit: id };
}

const begun = (state: State, bounds: Bounds): State => ({ ...state, open: bounds, lastId: state.lastId + 1 });

function committed(state: State): State {
  const ends = Object.entries(state.open as Bounds).map(([name, [, to]]) => [name, to]);
  const positions = { ...state.positions, ...Object.fromEntries(ends) };
  return { ...state, positions, open: undefined, lastCommit: state.lastId };
}

const positionOf = ({ positions }: State, name: string): number =>
  Object.hasOwn(positions, name) ? (positions[name] as number) : 0;

const areEqual = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    : value;

const failed = new Error('failed as planned');

/** Texts that name their source and number, of which there are more at each read; some reads fail or break the rules. */
class Texts implements BatchSource<readonly string[], number> {
  there = 0;
  /** The bounds of the last read that gave something. */
  given: readonly [number, number] | undefined;
  mayFail = true;

  constructor(
    readonly name: string,
    private readonly random: Random,
  ) {}

  async read({ after = 0, to }: BatchRequest<number>) {
    const { random } = this;
    this.there += random.int(3);
    if (random.chance(0.3)) await new Promise(setImmediate);
    if (this.mayFail && random.chance(0.03)) throw failed;
    const end = to ?? Math.min(this.there, after + 1 + random.int(4));
    const wrong = this.mayFail && random.chance(0.03) ? random.pick([-1, 1]) : 0;
    if (wrong !== 0 && to !== undefined) return { data: [`wrong ${this.name}`], to: to + wrong };
    if (wrong < 0 && after > 0) return { data: [`wrong ${this.name}`], to: after };
    if (end <= after) return undefined;
    this.given = [after, end];
    return { data: Array.from({ length: end - after }, (_, i) => `${this.name}${after + i}`), to: end };
  }
}

/** A stream over a disk without power now and then, and the states that its directory may be in. */
class Lives {
  private states: readonly State[] = [empty];
  private readonly log: string[] = [];
  private readonly sources: Readonly<Record<string, Texts>>;
  private readonly disk: PoweredDisk;
  private readonly keep: number;

  constructor(private readonly random: Random) {
    this.disk = new PoweredDisk(random);
    this.keep = 1 + random.int(3);
    this.sources = Object.fromEntries(['a', 'b', 'toString'].map((name) => [name, new Texts(name, random)]));
    const real = nodeFs.existsSync;
    jest.spyOn(nodeFs, 'existsSync').mockImplementation((file) => {
      return String(file).startsWith('state') ? this.disk.has(String(file)) : real(file);
    });
  }

  async run(): Promise<void> {
    const { random, disk } = this;
    for (let life = 0; life < 10; life++) {
      disk.dieAt = random.chance(0.6) ? 1 + random.int(40) : Number.POSITIVE_INFINITY;
      if (random.chance(0.2)) await this.reset();
      await this.live();
      disk.powerOn();
    }
  }

  end(): void {
    this.disk.restore();
    jest.restoreAllMocks();
  }

  private async reset(): Promise<void> {
    const { random, disk } = this;
    const source = random.pick([undefined, 'a', 'b', 'toString']);
    const to = source !== undefined && random.chance(0.5) ? random.int(5) : undefined;
    const options = { ...(source !== undefined && { source }), ...(to !== undefined && { to }) };
    this.log.push(`reset ${JSON.stringify(options)}`);
    const before = this.states;
    const isKnown = ({ sources }: State): boolean =>
      sources !== undefined && (source === undefined || sources.includes(source));
    const after = before.filter(isKnown).map((state) => reset(state, source, to));
    const code = await resetStream('state', options).then(
      () => undefined,
      (error) => this.codeOf(error),
    );
    if (code === undefined) this.states = after;
    else if (code === 'power') this.states = [...before, ...after];
    else this.states = before.filter((state) => !isKnown(state));
    if (code === 'power') disk.powerOn();
    this.check(code ?? 'reset');
  }

  private async live(): Promise<void> {
    const { random, disk, sources, keep } = this;
    const names = ['a', 'b', 'toString'].filter(() => random.chance(0.8));
    if (names.length === 0) names.push('a');
    const options: Omit<Choices, 'names'> = {
      ...(random.chance(0.7) && { added: 'from the beginning' }),
      ...(random.chance(0.7) && { removed: 'forget' }),
      ...(random.chance(0.3) && { onRestart: 'decide anew' }),
    };
    const choices: Choices = { names, ...options };
    this.log.push(`run ${JSON.stringify(choices)}`);
    for (const name of names) sources[name]!.given = undefined;
    const before = this.states;
    const outcomes = before.map((state) => [state, started(state, choices)] as const);
    // Whether the start succeeded is known only when something follows it.
    let hasStarted = false;
    const start = (): void => {
      if (hasStarted) return;
      hasStarted = true;
      this.states = outcomes.flatMap(([, passed]) => (passed === 'refused' ? [] : [passed.at(-1)!]));
      this.check('started');
    };
    let callsLeft = 1 + random.int(8);
    let last: { id: number; attempt: number } | undefined;
    const max = random.pick([0, 0, 2]);
    const stream: BatchStream<Record<string, readonly string[]>> = new BatchStream({
      sources: Object.fromEntries(names.map((name) => [name, sources[name]!])),
      directory: 'state',
      keep,
      catchUp: true,
      retries: { max, delayMs: 0 },
      clock: {
        now: () => 0,
        setTimer: (_: number, callback: () => void) => {
          start();
          const timer = setImmediate(() => {
            if (--callsLeft <= 0) void stream.stop();
            callback();
          });
          return () => clearImmediate(timer);
        },
      },
      ...options,
    } as never);
    let isBegun = false;
    const run = stream.run(async (batches, { id, attempt }) => {
      if (disk.calls >= disk.dieAt) throw new PowerFailed('before a call');
      start();
      if (last !== undefined && last.id !== id) this.states = this.states.map(committed);
      const bounds: Record<string, readonly [number, number]> = {};
      for (const [name, texts] of Object.entries(batches)) {
        if (texts === undefined) continue;
        const numbers = texts.map((text) => Number(text.slice(name.length)));
        expect(texts).toEqual(numbers.map((number) => `${name}${number}`));
        bounds[name] = [numbers[0]!, numbers.at(-1)! + 1];
      }
      this.log.push(`call ${id}.${attempt} ${JSON.stringify(bounds)}`);
      this.states = this.states.flatMap((state) => {
        if (state.open !== undefined) return state.lastId === id && areEqual(state.open, bounds) ? [state] : [];
        const follows = Object.entries(bounds).every(([name, [after]]) => after === positionOf(state, name));
        return state.lastId + 1 === id && follows ? [begun(state, bounds)] : [];
      });
      this.check(`call ${id}`);
      expect(attempt).toBeGreaterThan(last?.id === id ? last.attempt : 0);
      last = { id, attempt };
      isBegun = true;
      for (const name of names) sources[name]!.given = undefined;
      if (--callsLeft <= 0) void stream.stop();
      if (random.chance(0.1)) throw failed;
      if (random.chance(0.3)) await new Promise(setImmediate);
      if (random.chance(0.1)) throw failed;
    });
    const code = await run.then(
      () => 'stopped',
      (error) => {
        if (error.code === 'WM_PROCESS_FAILED' && error.cause !== failed && !(error.cause instanceof PowerFailed))
          throw error.cause;
        return this.codeOf(error);
      },
    );
    this.log.push(`${code} ${stream.status.lastCommit?.id}`);
    if (code === 'WM_PLAN_CHANGED')
      this.states = outcomes.flatMap(([state, passed]) => (passed === 'refused' ? [state] : []));
    else if (code !== 'power') {
      start();
      if (isBegun && stream.status.lastCommit?.id === last?.id) this.states = this.states.map(committed);
      // A batch that the start dropped is not shown as committed.
      const isShown = ({ lastCommit }: State): boolean => lastCommit === (stream.status.lastCommit?.id ?? 0);
      if (options.onRestart !== 'decide anew') this.states = this.states.filter(isShown);
    } else {
      const passed = outcomes.flatMap(([state, each]) => (each === 'refused' ? [state] : each));
      const known = hasStarted ? this.states : passed;
      const given = names.flatMap((name) => (sources[name]!.given === undefined ? [] : [[name, sources[name]!.given]]));
      this.states = known.flatMap((state) => {
        const next = state.open === undefined ? state : committed(state);
        const isNew = given.length > 0 && (state.open === undefined || isBegun);
        return [state, ...(isBegun ? [next] : []), ...(isNew ? [begun(next, Object.fromEntries(given))] : [])];
      });
    }
    this.check(code);
  }

  private codeOf(error: any): string {
    for (let each = error; each !== undefined; each = each.cause) if (each instanceof PowerFailed) return 'power';
    if (typeof error?.code !== 'string') throw error;
    return error.code;
  }

  private check(what: string): void {
    const { log, random } = this;
    if (this.states.length === 0) throw new Error(`seed ${random.seed}: no state explains ${what}:\n${log.join('\n')}`);
    const known = new Map(this.states.map((state) => [JSON.stringify(state), state]));
    this.states = [...known.values()];
  }
}

it('a batch stream does at random what a model of its states does', async () => {
  for (let seed = firstSeed(), left = cases(200); left > 0; seed++, left--) {
    const lives = new Lives(new Random(seed));
    try {
      await lives.run();
    } finally {
      lives.end();
    }
  }
});
