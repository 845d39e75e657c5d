import { type Block, fileOf, readBlocks } from './markdown-blocks.js';

/** A `ts` or `sh` block that is executed, and the `text` block after it with its output. */
export interface Step {
  readonly block: Block;
  readonly expected: string | undefined;
}

/** A `ts` block and the blocks that continue it: one program. */
export interface Program {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly source: string;
}

/** The executable parts of a page of the documentation. */
export interface Page {
  readonly path: string;
  readonly text: string;
  readonly files: readonly { readonly path: string; readonly content: string }[];
  readonly programs: readonly Program[];
  readonly shells: readonly Step[];
}

const boundary = '\u001e';
const known = new Set(['continued']);

/** Reads a page by the convention of CONTRIBUTING.md. */
export function readPage(path: string, markdown: string): Page {
  const blocks = readBlocks(markdown);
  const steps = blocks.map((block, index) => ({ block, expected: outputAfter(blocks, index) }));
  for (const { block } of steps) checkWords(path, block);
  const files = blocks.flatMap((block) => {
    const file = fileOf(block);
    return file === undefined ? [] : [{ path: file, content: content(block) }];
  });
  return {
    path,
    text: markdown,
    files,
    programs: chains(
      path,
      steps.filter(({ block }) => block.language === 'ts' && fileOf(block) === undefined),
    ),
    shells: steps.filter(({ block }) => block.language === 'sh'),
  };
}

/** Splits the output of a program into the outputs of its steps. */
export function outputOfSteps(output: string): string[] {
  return output.split(`${boundary}\n`).slice(1);
}

/** Returns whether output matches a `text` block; a line `…` of the block matches any lines, `…` in a line any text. */
export function fits(expected: string, output: string): boolean {
  const pattern = expected
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\\n)*?' : `${escaped(line.trimEnd()).replaceAll('…', '.*')}\\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(`${output.replace(/[ \t]+$/gm, '').trimEnd()}\n`);
}

function escaped(line: string): string {
  return line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function outputAfter(blocks: readonly Block[], index: number): string | undefined {
  const next = blocks[index + 1];
  return next?.language === 'text' && fileOf(next) === undefined ? next.code : undefined;
}

function checkWords(path: string, block: Block): void {
  if (block.language !== 'ts' && block.language !== 'sh') return;
  const unknown = block.words.find((word) => !known.has(word) && !word.startsWith('file='));
  if (unknown !== undefined)
    throw new Error(`${path}:${block.line}: a block cannot be "${unknown}" (see CONTRIBUTING.md)`);
}

function chains(path: string, steps: readonly Step[]): Program[] {
  const grouped: Step[][] = [];
  for (const step of steps) {
    const last = grouped.at(-1);
    if (!step.block.words.includes('continued')) grouped.push([step]);
    else if (last !== undefined) last.push(step);
    else throw new Error(`${path}:${step.block.line}: there is no ts block that this one could continue`);
  }
  return grouped.map((chain) => ({ name: `line-${chain[0]?.block.line}`, steps: chain, source: sourceOf(chain) }));
}

function sourceOf(chain: readonly Step[]): string {
  let source = '';
  let line = 1;
  for (const { block } of chain) {
    source += '\n'.repeat(block.line - line);
    source += `console.log(${JSON.stringify(boundary)});\n${block.code}`;
    line = block.line + block.code.split('\n').length;
  }
  return `${source}\nexport {};\n`;
}

/** Returns a module with the line numbers of its page, so that the compiler's messages refer to the page. */
function content(block: Block): string {
  return block.language === 'ts' ? '\n'.repeat(block.line) + block.code : block.code;
}
