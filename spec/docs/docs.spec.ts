import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fits, outputOfSteps, type Page, readPage } from './page.js';
import { commandsOf, isSetup, problemOf, runShell, type ShownProject } from './shell-block.js';
import { Workshop } from './workshop.js';

const root = path.resolve(__dirname, '../..');
const pages = ['README.md', 'CONTRIBUTING.md', ...pagesBelow('docs')]
  .filter((page) => existsSync(path.join(root, page)))
  .map((page) => readPage(page, readFileSync(path.join(root, page), 'utf8')));
const workshop = new Workshop(pages);
let messages = '';

beforeAll(() => {
  workshop.clear();
  messages = workshop.prepare();
});
afterAll(() => workshop.clear());

describe('the documentation', () => {
  it('has programs that compile', () => {
    expect(messages).toBe('');
  });

  for (const page of pages) {
    for (const program of page.programs) {
      it(`${page.path}, ${program.name}: runs and prints the output on the page`, () => {
        const printed = outputOfSteps(workshop.run(page, program));
        for (const [index, { block, expected }] of program.steps.entries()) {
          compare(`${page.path}:${block.line}`, expected, printed[index] ?? '');
        }
      });
    }
    for (const { block, expected } of page.shells) {
      it(`${page.path}, line ${block.line}: has commands that work`, () => {
        const commands = commandsOf(block.code);
        expect(commands).not.toEqual([]);
        if (isSetup(commands)) {
          expect(
            commands.map((command) => problemOf(command, shownBy(page))).filter((problem) => problem !== undefined),
          ).toEqual([]);
        } else {
          compare(`${page.path}:${block.line}`, expected, runShell(block.code, workshop.folderOf(page)));
        }
      });
    }
  }
});

function shownBy({ files, text }: Page): ShownProject {
  const read = (name: string): string | undefined => files.find((file) => file.path === name)?.content;
  // A block that the page asks to save under a name is also run as a program.
  const saved = [...text.matchAll(/save this there as `([^`]+)`/g)].map(([, name]) => `${name}`);
  const services = /^services:\n((?: .*\n|\n)*)/m.exec(read('compose.yaml') ?? '')?.[1] ?? '';
  return {
    files: [...files.map((file) => file.path), ...saved],
    scripts: Object.keys(JSON.parse(read('package.json') ?? '{}').scripts ?? {}),
    services: [...services.matchAll(/^ {2}(\w+):$/gm)].map(([, name]) => `${name}`),
  };
}

function pagesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')))
    .sort();
}

/** Fails with both texts, as jest shows them, if the output does not match. */
function compare(place: string, expected: string | undefined, printed: string): void {
  if (expected === undefined || fits(expected, printed)) return;
  expect(`${place}\n${printed}`).toBe(`${place}\n${expected}`);
}
