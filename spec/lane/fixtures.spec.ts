import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RandomCase } from '../oracle/random-case.js';
import { checkCase } from './check-case.js';

const folder = path.join(__dirname, 'fixtures');

describe('cases that once differed', () => {
  test.each(readdirSync(folder))('%s', (file) => {
    const one: RandomCase = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    expect(checkCase(one)).toBeGreaterThan(0);
  });
});
