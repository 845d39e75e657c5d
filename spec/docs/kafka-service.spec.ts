import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readPage } from './page.js';

const root = path.resolve(__dirname, '../..');
const example = path.join(root, 'examples/kafka-service');
const text = readFileSync(path.join(root, 'docs/kafka-service.md'), 'utf8');
const { files } = readPage('docs/kafka-service.md', text);

describe('docs/kafka-service.md', () => {
  it.each(files.map((file) => file.path))('shows %s as in examples/kafka-service', (name) => {
    const shown = files.find((file) => file.path === name)?.content.trim();
    expect(shown).toBe(readFileSync(path.join(example, name), 'utf8').trim());
  });

  it('includes every file of the program', () => {
    const sources = readdirSync(path.join(example, 'src')).map((name) => `src/${name}`);
    const shown = files.map((file) => file.path);
    expect(shown).toEqual(expect.arrayContaining([...sources, 'Dockerfile', 'compose.yaml', '.dockerignore']));
  });

  it('names every variable that the code reads, and its default', () => {
    const sources = files.filter((file) => /configuration\.ts|produce\.ts/.test(file.path)).map((file) => file.content);
    const read = sources.flatMap((source) => [...source.matchAll(/env\.(\w+)\('(\w+)'(?:, (\[.*\], )?(.*?))?\)/g)]);
    const rows = text.match(/^\| `[A-Z].*$/gm) ?? [];
    expect(read.length).toBeGreaterThan(12);
    for (const [, , name, , standard] of read) {
      const row = rows.find((line) => line.includes(`\`${name}\``));
      expect([name, row]).toEqual([name, expect.any(String)]);
      const value = standard?.replaceAll("'", '');
      if (value && !value.startsWith('Number.')) expect([name, row]).toEqual([name, expect.stringContaining(value)]);
    }
  });
});
