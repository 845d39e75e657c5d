/** The values of a CSV row, or the mark of a broken one. */
export type OracleRow = readonly string[] | 'broken';

/**
 * Parses CSV character by character, as the reference for tests. Rows end at a line feed outside quotes, possibly after
 * a carriage return; a row with text after a closing quote is broken up to the end of that line; blank lines are
 * skipped.
 */
export function readCsv(text: string, delimiter: string): OracleRow[] {
  const rows: OracleRow[] = [];
  let at = 0;
  while (at < text.length) {
    const begin = at;
    const values: string[] = [];
    let isBroken = false;
    for (;;) {
      let value = '';
      if (text[at] === '"') {
        at++;
        while (at < text.length && !(text[at] === '"' && text[at + 1] !== '"')) {
          value += text[at];
          at += text[at] === '"' ? 2 : 1;
        }
        if (at >= text.length) isBroken = true;
        at++;
        while (at < text.length && text[at] !== delimiter && ' \t\r'.includes(text[at]!)) at++;
        if (at < text.length && text[at] !== delimiter && text[at] !== '\n') isBroken = true;
        if (isBroken) while (at < text.length && text[at] !== '\n') at++;
      } else {
        while (at < text.length && text[at] !== delimiter && text[at] !== '\n') value += text[at++];
        if (text[at] !== delimiter) value = value.replace(/\r$/, '');
      }
      values.push(value);
      if (text[at] !== delimiter || at >= text.length || isBroken) break;
      at++;
    }
    const isBlank = /^\r?$/.test(text.slice(begin, at));
    at++;
    if (isBroken) rows.push('broken');
    else if (!isBlank) rows.push(values);
  }
  return rows;
}
