import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const docs = path.resolve(__dirname, '../../docs');
const index = readFileSync(path.join(docs, 'README.md'), 'utf8');
const linked = [...index.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target]) => target as string);

/** All pages but the decisions, which have an index of their own. */
function pages(): string[] {
  return readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('decisions') && name !== 'README.md')
    .sort();
}

describe('docs/README.md', () => {
  it('links every page', () => {
    expect(pages().filter((page) => !linked.includes(page))).toEqual([]);
    expect(pages().length).toBeGreaterThan(20);
  });

  it('links nothing else', () => {
    expect(linked.filter((target) => !existsSync(path.join(docs, target)))).toEqual([]);
  });
});
