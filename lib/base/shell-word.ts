/** An argument as one types it in a shell: in quotes if it has what a shell takes as something else, such as a # at its beginning. */
export function shellWord(text: string): string {
  return /^[\w@%+:,./-][\w@%+=:,./#-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
