import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '../..');
const mutations: { file: string; original: string; replacement: string }[] = JSON.parse(
  readFileSync(path.join(__dirname, 'mutations.json'), 'utf8'),
);

describe('the mutations that npm run test:mutations applies', () => {
  test('are at least thirty', () => {
    expect(mutations.length).toBeGreaterThanOrEqual(30);
  });

  test.each(mutations)('$file: $original', ({ file, original, replacement }) => {
    const parts = readFileSync(path.join(root, file), 'utf8').split(original);
    expect(parts).toHaveLength(2);
    expect(replacement).not.toBe(original);
  });
});
