/** A family of metrics as a scraper understands it. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly unit: string | undefined;
  /** `name{a="b"}` → value, in the order of the text. */
  readonly samples: ReadonlyMap<string, number>;
}

const suffixes: Record<string, readonly string[]> = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_count', '_sum'],
};

const sampleLine =
  /^([a-z_]+)((?:\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})?) (-?[\d.e+-]+)$/;

/** Reads OpenMetrics text as strictly as the specification has it; throws for what a scraper would refuse. */
export function readOpenMetrics(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, Family & { samples: Map<string, number> }>();
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.pop() !== '# EOF') throw new Error('the text does not end with # EOF and a newline');
  let current = '';
  for (const line of lines) {
    const [, what, name = '', rest = ''] = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line) ?? [];
    if (what !== undefined) {
      if (name !== current && families.has(name)) throw new Error(`a second family ${name}`);
      if (what === 'TYPE' && suffixes[rest] === undefined) throw new Error(`${name} has the type ${rest}`);
      if (what === 'UNIT' && !name.endsWith(`_${rest}`)) throw new Error(`${name} does not end with its unit ${rest}`);
      const family = families.get(name) ?? { type: '', help: '', unit: undefined, samples: new Map() };
      families.set(name, { ...family, [what.toLowerCase()]: rest });
      current = name;
      continue;
    }
    const family = families.get(current);
    if (family === undefined) throw new Error(`a line before the first family: ${line}`);
    const [, sample = '', labels = '', value] = sampleLine.exec(line) ?? [];
    const isOfFamily = suffixes[family.type]?.some((suffix) => sample === current + suffix);
    if (!isOfFamily) throw new Error(`not a sample of ${current}: ${line}`);
    if (family.samples.has(sample + labels)) throw new Error(`a second sample ${sample}${labels}`);
    family.samples.set(sample + labels, Number(value));
  }
  return families;
}
