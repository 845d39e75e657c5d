import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunReport, WaterMill } from 'watermill';

export interface Replay {
  readonly report: RunReport;
  /** The output of the mill, by file name. */
  readonly written: Readonly<Record<string, string>>;
  /** The expected output. */
  readonly expected: Readonly<Record<string, string>>;
}

/** Runs the mill of an example over the `samples/` in its folder, and reads the files in its `expected/`. */
export async function replay(folder: string, makeMill: (samples: string, out: string) => WaterMill): Promise<Replay> {
  const out = mkdtempSync(path.join(tmpdir(), 'watermill-example-'));
  try {
    const report = await makeMill(path.join(folder, 'samples'), out).run();
    return { report, written: readAll(out), expected: readAll(path.join(folder, 'expected')) };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function readAll(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}
