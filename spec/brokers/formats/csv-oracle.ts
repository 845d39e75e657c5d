/** A row of some CSV as it is meant, or what is wrong with it. */
export type OracleRow = readonly string[] | 'broken';

/**
 * Reads CSV character by character: the definition, for tests. Rows end at a line feed outside quotes, perhaps after a carriage
 * return; a row that something follows a closing quote is broken up to the end of that line; blank lines are nothing.
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
