import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const docs = path.join(root, 'docs');
const index = readFileSync(path.join(docs, 'README.md'), 'utf8');
const linked = [...index.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target]) => target as string);

/** Returns all pages except the decisions, which have a separate index. */
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

  it('links no other page', () => {
    expect(linked.filter((target) => !existsSync(path.join(docs, target)))).toEqual([]);
  });
});

describe('pages about the code', () => {
  const aboutCode = [
    'CONTRIBUTING.md',
    ...inside('docs').filter((page) => /docs\/(architecture|how-to|decisions\/)/.test(page)),
  ];
  const files = ['lib', 'spec', 'bench', 'scripts', 'examples'].flatMap(inside);

  it('name only existing files', () => {
    const missing = aboutCode.flatMap((page) =>
      filesNamedIn(readFileSync(path.join(root, page), 'utf8'))
        .filter((name) => !files.some((file) => file === name || file.endsWith(`/${name}`)))
        .map((name) => `${page} names ${name}`),
    );
    expect(missing).toEqual([]);
    expect(aboutCode.length).toBeGreaterThan(30);
  });

  it('name only existing functions, classes and options', () => {
    const sources = ['package.json', ...files.filter(isCode)];
    const words = new Set(sources.flatMap((file) => wordsOf(readFileSync(path.join(root, file), 'utf8'))));
    const howTo = aboutCode.filter((page) => /how-to|architecture/.test(page));
    const missing = howTo.flatMap((page) =>
      wordsInSpans(readFileSync(path.join(root, page), 'utf8'))
        .filter((word) => !words.has(word) && word !== 'grep')
        .map((word) => `${page} names ${word}`),
    );
    expect(missing).toEqual([]);
    expect(howTo).toHaveLength(6);
  });

  it('finds the names in code spans', () => {
    expect(filesNamedIn('`a/b.ts` and `c.mjs`, not `d.md` and not e.ts')).toEqual(['a/b.ts', 'c.mjs']);
  });
});

/** Returns the words of at least four letters in code spans outside of blocks. */
function wordsInSpans(page: string): string[] {
  const spans = page.replace(/```.*?```/gs, '').matchAll(/`([^`\n]+)`/g);
  return [...spans].flatMap(([, span]) => wordsOf(span as string)).filter((word) => word.length > 3);
}

function wordsOf(text: string): string[] {
  return text.match(/[A-Za-z_$][\w$]*/g) ?? [];
}

function isCode(file: string): boolean {
  return /^(lib|spec|bench|scripts)\/.*\.(ts|mjs)$/.test(file);
}

/** Names of source files in code spans. */
function filesNamedIn(page: string): string[] {
  return [...page.matchAll(/`([\w./-]+\.(?:ts|mjs|cjs))`/g)].map(([, name]) => name as string);
}

/** All files below a folder of the repository, as paths with forward slashes. */
function inside(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
    path.posix.join(folder, name.replaceAll(path.sep, '/')),
  );
}
