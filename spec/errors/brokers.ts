import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { processFunction, WaterMill } from 'watermill';
import { CustomMessageBroker } from '../../lib/brokers/custom/custom-message-broker.js';
import { DirectoryMessageBroker } from '../../lib/brokers/directory/directory-message-broker.js';
import { JsonFileMessageBroker } from '../../lib/brokers/json-file/json-file-message-broker.js';
import { MemoryMessageBroker } from '../../lib/brokers/memory/memory-message-broker.js';
import { Item, Note } from '../plan/model.js';
import type { Production } from './produced-code.js';

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'watermill-errors-'));
const inDirectory = (name: string): string => path.join(directory, name);

export function removeFiles(): void {
  fs.rmSync(directory, { recursive: true });
}

const element = (time: number): string => `{"time":${time},"name":"a"}`;

function file(name: string, text: string): string {
  fs.writeFileSync(inDirectory(name), text);
  return inDirectory(name);
}

/** Copies a file of items into notes. */
function run(input: string, output: string, options: { group?: string; maxElementBytes?: number } = {}, fails = false) {
  const broker = new JsonFileMessageBroker(
    [
      [Item, input],
      [Note, output],
    ],
    options,
  );
  const copy = processFunction(Item, { emits: [Note] }, (item) => {
    if (fails && item.time === 2) throw new Error('stopped here');
    return Object.assign(new Note(), { text: item.name });
  });
  return new WaterMill({ process: copy, broker }).run();
}

/** A run commits and dies; then its files are changed; then another run continues. */
async function resume(name: string, change: (input: string, output: string) => void): Promise<unknown> {
  const input = file(`${name}.json`, `[${element(1)},\n${element(2)}]`);
  const output = inDirectory(`${name}-out.json`);
  await run(input, output, { group: 'g' }, true).catch(() => {});
  change(input, output);
  return run(input, output, { group: 'g' });
}

/** A directory exists at the path of the results. */
function outputInTheWay(): Promise<unknown> {
  fs.mkdirSync(inDirectory('e.json.partial'));
  return run(file('good.json', '[]'), inDirectory('e.json'));
}

function withoutPapaparse(): void {
  jest.isolateModules(() => {
    jest.doMock('papaparse', () => {
      throw new Error('not installed');
    });
    const { papaparse } = require('../../lib/brokers/formats/csv-package.js');
    papaparse();
  });
}

function sameFile(): Promise<unknown> {
  const input = file('linked.json', '[]');
  fs.symlinkSync(input, inDirectory('link.json'));
  return run(input, inDirectory('link.json'));
}

function groupOverPipe(): Promise<unknown> {
  execFileSync('mkfifo', [inDirectory('pipe')]);
  return run(inDirectory('pipe'), inDirectory('from-pipe.json'), { group: 'g' });
}

async function groupInUse(): Promise<unknown> {
  const input = file('used.json', `[${element(1)}]`);
  const broker = new JsonFileMessageBroker([[Item, input]], { group: 'g' });
  const inner = processFunction(Item, {}, async () => {
    await new WaterMill({ process: processFunction(Item, {}, () => {}), broker }).run();
  });
  const error = await new WaterMill({ process: inner, broker }).run().catch((failed) => failed);
  throw error.cause;
}

/** A mill whose process changes its open output. */
function whileWriting(name: string, meanwhile: (input: string, output: string) => unknown): Promise<unknown> {
  const input = file(`${name}.json`, `[${element(1)}]`);
  const output = inDirectory(`${name}-out.json`);
  const broker = new JsonFileMessageBroker([
    [Item, input],
    [Note, output],
  ]);
  const process = processFunction(Item, { emits: [Note] }, async () => {
    await meanwhile(input, output);
    return undefined;
  });
  return new WaterMill({ process, broker }).run();
}

async function outputInUse(): Promise<unknown> {
  const error = await whileWriting('in-use', run).catch((failed: Error) => failed);
  throw (error as Error).cause;
}

function lockLost(): Promise<unknown> {
  return whileWriting('lost', () => {
    for (const name of fs.readdirSync(directory).filter((found) => found.endsWith('.lock')))
      fs.rmSync(inDirectory(name));
  });
}

function throwingIterable(): Promise<unknown> {
  const broken: Iterable<Item> = {
    [Symbol.iterator]: () => ({
      next: () => {
        throw new Error('no more');
      },
    }),
  };
  const broker = new MemoryMessageBroker([[Item, broken]]);
  return new WaterMill({ process: processFunction(Item, {}, () => {}), broker }).run();
}

/** Errors of the brokers. */
/** Copies items of a source into notes of a sink. */
function custom(source: unknown, sink: unknown, progress?: string): Promise<unknown> {
  const broker = new CustomMessageBroker<any, any>({
    sources: [[Item, source]] as never,
    sinks: [[Note, sink]] as never,
    ...(progress !== undefined && { progress }),
  });
  const copy = processFunction(Item, { emits: [Note] }, (item) => Object.assign(new Note(), { text: item.name }));
  return new WaterMill({ process: copy, broker }).run();
}

async function damagedProgress(): Promise<unknown> {
  const progress = inDirectory('progress');
  const items = [{ time: 1, name: 'a' }];
  await custom(items, { write: () => Promise.reject(new Error('full')) }, progress).catch(() => {});
  const [batch = ''] = fs.readdirSync(path.join(progress, 'outbox')).filter((name) => name.endsWith('.json'));
  fs.writeFileSync(path.join(progress, 'outbox', batch), '{');
  return custom(items, { write: () => {} }, progress);
}

/** Reads a directory by names; `before` is called between a run that fails at its first element and the next one. */
async function files(name: string, before?: (folder: string) => void): Promise<unknown> {
  const folder = inDirectory(name);
  const progress = inDirectory(`${name}-progress`);
  const run = (fails: boolean): Promise<unknown> => {
    const options = { order: 'name', settleMs: 0, end: 'when empty' } as const;
    const broker = new DirectoryMessageBroker({ sources: [[Item, folder, options]], progress });
    const process = processFunction(Item, { emits: [] }, () => {
      if (fails) throw new Error('stopped here');
    });
    return new WaterMill({ process, broker }).run();
  };
  if (before === undefined) return run(false);
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'b'), element(1));
  await run(true).catch(() => {});
  before(folder);
  return run(false);
}

export const brokers: readonly Production[] = [
  ['WM_DIRECTORY_UNREADABLE', () => files('no-directory')],
  ['WM_FILE_GONE', () => files('gone', (folder) => fs.rmSync(path.join(folder, 'b')))],
  ['WM_FILE_LATE', () => files('late', (folder) => fs.writeFileSync(path.join(folder, 'a'), element(0)))],
  ['WM_BROKER_OPTIONS', () => new JsonFileMessageBroker([[Item, 5 as any]])],
  ['WM_FILE_MISSING', () => run(inDirectory('none.json'), inDirectory('a.json'))],
  ['WM_FILE_UNREADABLE', () => run(directory, inDirectory('b.json'))],
  ['WM_FILE_BROKEN', () => run(file('broken.json', '[{"time":1,]'), inDirectory('c.json'))],
  ['WM_FILE_CHANGED', () => resume('changed', (input) => fs.writeFileSync(input, '[]'))],
  ['WM_FILE_ONCE', groupOverPipe],
  ['WM_CSV_HEADER', () => run(file('other.csv', 'name,other\n'), inDirectory('d.json'))],
  ['WM_PAPAPARSE_MISSING', withoutPapaparse],
  [
    'WM_ELEMENT_TOO_LARGE',
    () =>
      run(file('large.json', `[{"name":"${'a'.repeat(200_000)}"}]`), inDirectory('d.json'), {
        maxElementBytes: 131_072,
      }),
  ],
  ['WM_SAME_FILE', sameFile],
  ['WM_OUTPUT_FAILED', outputInTheWay],
  ['WM_OUTPUT_CHANGED', () => resume('output', (_, output) => fs.rmSync(`${output}.g.partial`))],
  ['WM_GROUP_IN_USE', groupInUse],
  ['WM_OUTPUT_IN_USE', outputInUse],
  ['WM_LOCK_LOST', lockLost],
  ['WM_INPUT_FAILED', throwingIterable],
  [
    'WM_SOURCE_PROTOCOL',
    () =>
      custom(
        () => [Promise.resolve({ time: 1, name: 'a' })],
        () => {},
      ),
  ],
  ['WM_SINK_FAILED', () => custom([{ time: 1, name: 'a' }], () => Promise.reject(new Error('full')))],
  ['WM_PROGRESS_DAMAGED', damagedProgress],
  ['WM_PUSH', () => new MemoryMessageBroker([[Item, []]]).push(Item, new Item())],
];
