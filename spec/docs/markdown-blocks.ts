/** A fenced block of a Markdown page. */
export interface Block {
  readonly language: string;
  /** The words after the language. */
  readonly words: readonly string[];
  readonly code: string;
  /** The line of the opening fence, counted from 1. */
  readonly line: number;
}

/** The fenced blocks of a page, in order; a block in a list may be indented. */
export function readBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { indent: string; fence: string; info: string; line: number; lines: string[] } | undefined;
  for (const [index, text] of markdown.split('\n').entries()) {
    if (open === undefined) {
      const fence = /^(\s*)(`{3,})\s*(.*)$/.exec(text);
      if (fence === null) continue;
      open = {
        indent: fence[1] ?? '',
        fence: fence[2] ?? '',
        info: (fence[3] ?? '').trim(),
        line: index + 1,
        lines: [],
      };
    } else if (text.trim() === open.fence) {
      const [language = '', ...words] = open.info.split(/\s+/);
      blocks.push({ language, words, code: `${open.lines.join('\n')}\n`, line: open.line });
      open = undefined;
    } else {
      open.lines.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text.trimStart());
    }
  }
  if (open !== undefined) throw new Error(`the block that line ${open.line} opens is never closed`);
  return blocks;
}

/** Returns the file for a block marked `file=path`. */
export function fileOf(block: Block): string | undefined {
  return block.words.find((word) => word.startsWith('file='))?.slice('file='.length);
}
