import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Measure } from './support/bench.js';
import { digestOf } from './support/digest.js';
import { fileVariant } from './support/file-variants.js';
import { fractions } from './support/locations.js';
import { measureSpeeds } from './support/robots.js';

/**
 * The main job, compared with DuckDB on one thread. It writes the same results in the same order, so it has to sort
 * them.
 */
export const measures: readonly Measure[] = [
  {
    name: 'files-native',
    size: 2_000_000,
    ours: fileVariant('ours', fractions, (input, output) => measureSpeeds(input, output, fractions), digestOfSpeeds),
    reference: fileVariant('reference', fractions, throughDuckDb, digestOfSpeeds),
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 0.9 } },
      { suffix: 'CPU', unit: 'elements/CPU s' },
      { suffix: 'memory', unit: 'MB resident', target: { ratioAtMost: 0.5 } },
    ],
  },
];

async function throughDuckDb(input: string, output: string): Promise<void> {
  const database = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await database.connect();
  const columns = "{ time: 'BIGINT', x: 'DOUBLE', y: 'DOUBLE' }";
  await connection.run(`
    COPY (
      WITH location AS MATERIALIZED (SELECT * FROM read_json('${input}', format = 'array', columns = ${columns}))
      SELECT here.time AS time_from, there.time AS time_to,
        sqrt((there.x - here.x) * (there.x - here.x) + (there.y - here.y) * (there.y - here.y))
          / (there.time - here.time) AS speed
      FROM location here JOIN location there ON there.time = here.time + 10
      ORDER BY here.time
    ) TO '${output}' (FORMAT json, ARRAY true)`);
  connection.closeSync();
}

interface Speed {
  readonly time_from: number;
  readonly time_to: number;
  readonly speed: number;
}

/** Compares numbers, since DuckDB writes some of them with other digits (`1.0`). */
function digestOfSpeeds(output: string): string {
  const speeds: Speed[] = JSON.parse(readFileSync(output, 'utf8'));
  return digestOf(speeds, ({ time_from, time_to, speed }) => [time_from, time_to, speed]);
}
