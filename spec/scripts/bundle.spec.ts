import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { batchCalls, processCalls, sourceAndSinkCalls } from '../../lib/base/inside-call.js';

const root = path.resolve(__dirname, '../..');
const { exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const entries = Object.values<any>(exports).flatMap((conditions) => conditions.require?.default ?? []) as string[];
const texts = readdirSync(path.join(root, 'dist'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.js') && !file.startsWith('esm'))
  .map((file) => readFileSync(path.join(root, 'dist', file), 'utf8'));

describe('the modules that are one file in dist', () => {
  it('give functions and classes the names under which they are exported', () => {
    const renamed = entries.flatMap((entry) =>
      Object.entries(require(path.join(root, entry)))
        .filter(([name, value]) => typeof value === 'function' && value.name !== name)
        .map(([name, value]) => `${name} of ${entry}: ${(value as Function).name}`),
    );
    expect(entries.length).toBeGreaterThan(6);
    expect(renamed).toEqual([]);
  });

  it.each([...new Set([...processCalls, ...sourceAndSinkCalls, ...batchCalls])])(
    'have a function by the name %s, by which a stack is recognised, and none that was renamed from it',
    (name) => {
      const made = new RegExp(`^\\s*(?:write: |end: )?async (?:function )?${name}\\(`, 'm');
      expect(texts.filter((text) => made.test(text)).length).toBeGreaterThan(0);
      expect(texts.filter((text) => text.includes(`${name}$`))).toEqual([]);
    },
  );
});
