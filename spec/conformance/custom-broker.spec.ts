import { readdirSync, rmSync } from 'node:fs';
import { type BatchSink, type Broker, CustomMessageBroker, EndOfStream, plainWriterOf } from 'watermill';
import { brokerConformance, type ConformanceHarness, type ConformanceStream } from 'watermill/conformance';
import { temporaryDirectory } from '../support/temporary-directory.js';

type MakeSource = (values: readonly object[], broken: boolean) => unknown;

async function* asyncly(values: readonly object[], broken: boolean): AsyncGenerator<object> {
  yield* values;
  if (broken) throw new Error('there is no more');
}

function* syncly(values: readonly object[], broken: boolean): Generator<object> {
  yield* values;
  if (broken) throw new Error('there is no more');
}

const makers: Record<string, { source: MakeSource; once?: boolean }> = {
  'functions that give async generators': {
    source: (values, broken) => {
      return ({ after = -1 }: { after?: number }) => asyncly(values.slice(after + 1), broken);
    },
  },
  'functions that give promises of arrays': {
    source: (values, broken) => {
      return async ({ after = -1 }: { after?: number }) => {
        const rest = values.slice(after + 1);
        return broken ? syncly(rest, true) : rest;
      };
    },
  },
  iterables: { source: (values, broken) => ({ [Symbol.iterator]: () => syncly(values, broken) }) },
  'async iterables': { source: (values, broken) => ({ [Symbol.asyncIterator]: () => asyncly(values, broken) }) },
  generators: { source: (values, broken) => asyncly(values, broken), once: true },
  'batch sources': {
    source: (values, broken) => ({
      read({ after = 0, to }: { after?: number; to?: number }) {
        if (to === undefined && after >= values.length) {
          if (broken) throw new Error('there is no more');
          return { data: [new EndOfStream()], to: after + 1 };
        }
        const end = to ?? Math.min(after + 300, values.length);
        return { data: values.slice(after, end), to: end };
      },
    }),
  },
};

interface Kept {
  readonly batches: Map<string, readonly object[]>;
  ends: number;
}

function harnessOf(
  { source, once = false }: { source: MakeSource; once?: boolean },
  keeps: boolean,
): ConformanceHarness {
  return {
    breaks: !once,
    async make(streams, outputs) {
      const directory = temporaryDirectory();
      const sources = new Map<readonly object[], unknown>();
      const sourceOf = ({ values, broken }: ConformanceStream): unknown => {
        if (!sources.has(values)) sources.set(values, source(values, broken === true));
        return sources.get(values);
      };
      const kept = new Map<unknown, Kept>(outputs.map((message) => [message, { batches: new Map(), ends: 0 }]));
      const sinkOf = (message: unknown): BatchSink<object> => ({
        write(elements, { id }) {
          const { batches } = kept.get(message)!;
          if (!batches.has(id)) batches.set(id, elements);
          else expect(elements).toEqual(batches.get(id));
        },
        end: () => void kept.get(message)!.ends++,
      });
      const open = (): Broker =>
        new CustomMessageBroker<any, any>({
          sources: streams.map((stream) => [stream.message, sourceOf(stream)]) as never,
          sinks: outputs.map((message) => [message, sinkOf(message)]) as never,
          ...(keeps && { progress: directory.file('progress') }),
        });
      return {
        broker: open(),
        restart() {
          // A killed process holds no locks, and another one creates new generators.
          for (const name of keeps ? readdirSync(directory.file('progress')) : []) {
            if (name.endsWith('.lock')) rmSync(directory.file(`progress/${name}`));
          }
          sources.clear();
          return open();
        },
        written: (message) => {
          const lists = [...kept.get(message)!.batches.values()];
          return lists.flat().map((element) => plainWriterOf(message)(element));
        },
        ended: (message) => kept.get(message)!.ends > 0,
        dispose: () => directory.remove(),
      };
    },
  };
}

const cases = Object.keys(makers).flatMap((name) => [true, false].map((keeps) => [name, keeps] as const));

describe.each(cases)('the custom broker follows the protocol with %s, progress kept: %s:', (name, keeps) => {
  const maker = makers[name]!;
  // A source that can be read only once starts over in another process; these checks read it again in the same one.
  const rereads = ['every mark', 'a lane that starts over'];
  const left = (check: string): boolean => maker.once === true && rereads.some((prefix) => check.startsWith(prefix));
  for (const check of brokerConformance(harnessOf(maker, keeps))) if (!left(check.name)) test(check.name, check.run);
});
