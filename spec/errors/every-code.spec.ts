import fs from 'node:fs';
import path from 'node:path';
import { errorCodes } from 'watermill';
import { brokers, removeFiles } from './brokers.js';
import { describing } from './describing.js';
import { kafka } from './kafka.js';
import { planning, tables } from './planning.js';
import { producedCode } from './produced-code.js';
import { redis } from './redis.js';
import { running } from './running.js';

const productions = [...describing, ...tables, ...planning, ...running, ...brokers, ...kafka, ...redis];

afterAll(removeFiles);

describe('every error code', () => {
  it('is produced here, once', () => {
    const produced = productions.map(([code]) => code).sort();
    expect(produced).toEqual(Object.keys(errorCodes).sort());
  });

  it.each(productions)('%s', async (code, produce) => {
    expect(await producedCode(produce)).toBe(code);
  });
});

describe('docs/errors.md', () => {
  const page = fs.readFileSync(path.join(__dirname, '../../docs/errors.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(WM_\w+)` \| (.+?) \| (.+?) \|$/gm)];

  it('lists every code with its meaning in the code, in the same order', () => {
    expect(rows.map(([, code, meaning]) => [code, meaning])).toEqual(Object.entries(errorCodes));
  });

  it('says what to do for each', () => {
    expect(rows.filter(([, , , fix]) => !/\.$/.test(fix as string)).map(([, code]) => code)).toEqual([]);
  });
});
