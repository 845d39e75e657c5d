/** A stage of a Dockerfile: its base, and its instructions in order. */
export interface Stage {
  readonly base: string;
  readonly name: string | undefined;
  readonly steps: readonly Instruction[];
}

export interface Instruction {
  readonly name: string;
  /** The arguments, in one line. */
  readonly text: string;
}

/** The stages of a Dockerfile. */
export function readDockerfile(text: string): Stage[] {
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { base: string; name: string | undefined; steps: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    const [, base = '', stage] = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(rest) ?? [];
    if (name === 'FROM') stages.push({ base, name: stage, steps: [] });
    else stages.at(-1)?.steps.push({ name, text: rest });
  }
  return stages;
}

/** Returns the words of an instruction in exec form, `["node", "main.js"]`; undefined for shell form. */
export function execForm(text: string): readonly string[] | undefined {
  const list = /\[.*\]$/.exec(text)?.[0];
  return list === undefined ? undefined : JSON.parse(list);
}

/** Returns the sources of a COPY, and their stage. */
export function copyOf(text: string): {
  readonly from: string | undefined;
  readonly sources: string[];
  readonly to: string;
} {
  const words = text.split(/\s+/);
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  return { from, sources: paths.slice(0, -1), to: paths.at(-1) ?? '' };
}

/** The variables that a stage sets. */
export function environmentOf({ steps }: Stage): Record<string, string> {
  const pairs = steps.filter(({ name }) => name === 'ENV').flatMap(({ text }) => text.split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/).slice(0, 2)));
}
