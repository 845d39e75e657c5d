/** Quotes an argument for a shell, if it contains special characters, such as a # at its beginning. */
export function shellWord(text: string): string {
  return /^[\w@%+:,./-][\w@%+=:,./#-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
