/** The results of `prepare` for the specs of the package. */
export interface Workspace {
  /** The `node_modules` with the tools; projects next to it find them and the peers there. */
  readonly tools: string;
  readonly projects: string;
  /** A folder for projects that npm must not take for parts of the tools: below no package.json. */
  readonly apart: string;
  readonly tarball: string;
  /** The tarball's contents. */
  readonly files: readonly string[];
}

export function workspace(): Workspace {
  const value = process.env.WATERMILL_PACKAGE;
  if (value === undefined) throw new Error('run these specs with `npm run test:package`');
  return JSON.parse(value);
}
