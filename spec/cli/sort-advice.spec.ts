import 'reflect-metadata';
import { execFileSync, spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import {
  alias,
  csv,
  Field,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  lines,
  MemoryMessageBroker,
  Message,
  processFunction,
  tuple,
  WaterMill,
} from '../../lib';
import { fixture, main, Workspace } from './workspace.js';

@Message()
class Place {
  @Field({ name: 'stop_no' }) stop!: number;
}

@Message()
class Train {
  @Field({ name: 'dep_min' }) departure!: number;
  @Field() line!: string;
  @Field() place!: Place;
}

/** Like in the fixture that the command loads. */
@Message()
class Flight {
  @Field() id!: string;
  @Field() departure!: Date;
}

@Message()
class Row {
  @Field() n!: number;
  @Field() name!: string;
}

@Message()
class Line {
  @Field() text!: string;
}

const train = (departure: number, line: string, stop: number) => ({
  dep_min: departure,
  line,
  place: { stop_no: stop },
});
const trains = [train(9, 'b', 3), train(30, 'a', 1), train(10, 'c', 2), train(10, 'a', 2)];
const flights = ['2030-01-02T00:00:00+01:00', '2030-01-01T23:30:00Z', '2030-01-02T00:10:00+01:00'];

/** An expression with all operators, for any class. */
const keyed = field as (cls: any, name: string) => any;

describe('the error for a file out of order', () => {
  const workspace = new Workspace();
  const file = (name: string): string => path.join(workspace.folder, name);
  afterAll(() => workspace.remove());

  /** Reads a file in the order of a key. Returns the message of the error, or nothing. */
  async function read(cls: any, entry: readonly unknown[], keyOf: (cls: any) => any): Promise<string> {
    const Other = alias(cls, 'Other') as any;
    const tree = joinStreams(cls, joinWith(Other, { left: keyOf(cls), right: keyOf(Other), kind: 'left' }));
    const broker = [new JsonFileMessageBroker([[cls, ...entry]] as never), new MemoryMessageBroker([[Other, []]])];
    const process = processFunction(tree as never, { emits: [] }, () => {});
    const run = new WaterMill({ process, broker }).run();
    return run.then(
      () => '',
      ({ code, message }) => {
        expect(code).toBe('WM_ORDER_VIOLATED');
        return message;
      },
    );
  }

  const commandOf = (error: string): string | undefined =>
    /\((npx watermill sort .*)\), or let the mill/.exec(error)?.[1];

  const trainKeys: [string, string, (cls: any) => any][] = [
    ['a field', '--by dep_min', (cls) => keyed(cls, 'departure')],
    ['a text', '--by line', (cls) => keyed(cls, 'line')],
    ['a field inside', '--by place.stop_no', (cls) => keyed(cls, 'place').at('stop')],
    ['what is computed', '--by dep_min', (cls) => keyed(cls, 'departure').plus(5).floorDiv(7)],
    ['a tuple', '--by dep_min,line', (cls) => tuple(keyed(cls, 'departure'), keyed(cls, 'line'))],
  ];

  it.each(trainKeys)('suggests a command that sorts it: by %s', async (_, by, keyOf) => {
    workspace.lines("many trains'.ndjson", ...trains);
    const error = await read(Train, [file("many trains'.ndjson")], keyOf);
    const command = commandOf(error);
    expect(command).toContain(` ${by} --output `);
    sort(command);
    expect(await read(Train, [file("many trains'.sorted.ndjson")], keyOf)).toBe('');
  });

  it('names the class if the file alone does not determine how values compare', async () => {
    workspace.write('flights.json', JSON.stringify(flights.map((departure, i) => ({ id: `${i}`, departure }))));
    const byTime = (cls: any) => keyed(cls, 'departure');
    const command = commandOf(await read(Flight, [file('flights.json')], byTime));
    expect(command).toBe(
      `npx watermill sort ${file('flights.json')} --by departure --class MODULE.js#Flight --output ${file('flights.sorted.json')}, where MODULE.js exports Flight`,
    );
    sort(command?.replace(/, where .*/, '').replace('MODULE.js', fixture('messages.cjs')));
    expect(await read(Flight, [file('flights.sorted.json')], byTime)).toBe('');
  });

  it.each([
    ['rows.csv', {}, 'n,name\n2,b\n1,a\n', ''],
    ['rows.txt', { format: csv({ delimiter: ';' }) }, 'n;name\n2;b\n1;a\n', " --delimiter ';'"],
    ['bare.csv', { format: csv({ header: false }) }, '2,b\n1,a\n', ' --header n,name'],
  ])('describes how rows are read: %s', async (name, options, text, flags) => {
    workspace.write(name, text);
    const byNumber = (cls: any) => keyed(cls, 'n');
    const command = commandOf(await read(Row, [file(name), options], byNumber));
    const sorted = name.replace('.', '.sorted.');
    expect(command).toBe(`npx watermill sort ${file(name)} --by n${flags} --output ${file(sorted)}`);
    sort(command);
    expect(await read(Row, [file(sorted), options], byNumber)).toBe('');
    const byName = commandOf(await read(Row, [file(name), options], (cls) => keyed(cls, 'name')));
    expect(byName).toContain(' --by name --class MODULE.js#Row ');
  });

  it('suggests no command if it could not sort the file', async () => {
    workspace.lines('trains.ndjson', ...trains);
    workspace.lines('lines.txt', 'b', 'a');
    const byTime = (cls: any) => keyed(cls, 'departure');
    const path = file('trains.ndjson');
    execFileSync('mkfifo', [file('pipe')]);
    const piped = read(Train, [file('pipe')], byTime);
    createWriteStream(file('pipe')).end(trains.map((each) => JSON.stringify(each)).join('\n'));
    for (const error of [
      await piped,
      await read(
        Train,
        [path],
        () =>
          ({ departure }: Train) =>
            departure,
      ),
      await read(Train, [path], (cls) => tuple(keyed(cls, 'departure').floorDiv(20), keyed(cls, 'line'))),
      await read(
        Train,
        [path, { deserializer: (raw: any) => ({ departure: raw.dep_min, line: '', place: { stop: 0 } }) }],
        byTime,
      ),
      await read(Train, [path, { follow: true }], byTime),
      await read(Line, [file('lines.txt'), { format: lines() }], (cls) => keyed(cls, 'text')),
    ]) {
      expect(error).toMatch(/ Sort \S+ by .*, or let the mill skip such elements/);
      expect(error).not.toContain('npx watermill');
    }
  });

  /** Runs it like a shell, with the command of this package. */
  function sort(command = ''): void {
    const { status, stderr } = spawnSync(command.replace('npx watermill', `'${process.execPath}' '${main}'`), {
      shell: true,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  }
});
