import { workerData } from 'node:worker_threads';
import { levelEncodings, levelOptions } from './classic-level.js';
import type { ScanAnswer, ScanPage, ScanRange, ScanRequest, ScanThread } from './scan-request.js';

// Runs in the thread that reads ranges of stores for the thread that calls process functions, which waits in the
// meantime.

interface Snapshot {
  close(): Promise<void>;
}

interface Database {
  open(options: object): Promise<void>;
  snapshot(): Snapshot;
  iterator(options: object): { nextv(size: number): Promise<[Uint8Array, string][]>; close(): Promise<void> };
  close(): Promise<void>;
}

/** A page has fewer rows if they are long. */
const charactersAtOnce = 1_048_576;

const { port, answers } = workerData as ScanThread;
const databases = new Map<string, Promise<Database>>();
const snapshots = new Map<number, Snapshot>();
let made = 0;

port.on('message', ({ number, request }: { readonly number: number; readonly request: ScanRequest }) => {
  answer(request).then(
    (value) => reply({ number, value }),
    (error) => reply({ number, error }),
  );
});

function reply(answer: ScanAnswer): void {
  port.postMessage(answer);
  Atomics.add(answers, 0, 1);
  Atomics.notify(answers, 0);
}

async function answer(request: ScanRequest): Promise<unknown> {
  switch (request.what) {
    case 'snapshot':
      snapshots.set(++made, (await databaseAt(request.location)).snapshot());
      return made;
    case 'page': {
      const snapshot = request.snapshot === undefined ? undefined : snapshots.get(request.snapshot);
      return page(await databaseAt(request.location), snapshot, request.range, request.limit);
    }
    case 'release':
      return release(request.snapshot);
    case 'close':
      return close(request.location);
  }
}

async function page(
  database: Database,
  snapshot: Snapshot | undefined,
  range: ScanRange,
  limit: number,
): Promise<ScanPage> {
  const iterator = database.iterator({ ...range, limit, ...(snapshot && { snapshot }) });
  const mostCharacters = snapshot === undefined ? Number.POSITIVE_INFINITY : charactersAtOnce;
  let last: Uint8Array | undefined;
  let characters = 0;
  const values: string[] = [];
  try {
    while (characters < mostCharacters) {
      const rows = await iterator.nextv(limit);
      if (rows.length === 0) return { values, last, isEnd: values.length < limit };
      for (const [key, value] of rows) {
        values.push(value);
        characters += value.length;
        last = key;
      }
    }
    return { values, last, isEnd: false };
  } finally {
    await iterator.close();
  }
}

async function release(id: number): Promise<void> {
  const snapshot = snapshots.get(id);
  snapshots.delete(id);
  await snapshot?.close();
}

function databaseAt(location: string): Promise<Database> {
  const known = databases.get(location);
  if (known !== undefined) return known;
  const opened = open(location);
  databases.set(location, opened);
  opened.catch(() => databases.delete(location));
  return opened;
}

async function open(location: string): Promise<Database> {
  const database: Database = new (require('classic-level').ClassicLevel)(location, levelEncodings);
  await database.open({ ...levelOptions, createIfMissing: false });
  return database;
}

/** Closes a database with its snapshots. */
async function close(location: string): Promise<void> {
  const database = databases.get(location);
  databases.delete(location);
  await (await database)?.close();
}
