import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(__dirname, '../..');
const { safeLoad } = require('js-yaml');

/** The parts of a compose file that tests read. */
export interface ComposeFile {
  readonly services: Readonly<Record<string, any>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

export function readCompose(file: string): ComposeFile {
  return safeLoad(readFileSync(path.join(root, file), 'utf8'));
}

/** The properties of a broker that the environment of the official image sets. */
export function propertiesOf(environment: Readonly<Record<string, unknown>>): Record<string, string> {
  const names = Object.keys(environment).filter((name) => name.startsWith('KAFKA_'));
  const property = (name: string): string => name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.');
  return Object.fromEntries(names.map((name) => [property(name), String(environment[name])]));
}

/** Returns the properties that scripts/kafka-config.mjs sets for the broker of the tests. */
export function testBrokerProperties(): Record<string, string> {
  const module = pathToFileURL(path.join(root, 'scripts/kafka-config.mjs')).href;
  const program = `import(${JSON.stringify(module)}).then((config) => console.log(config.brokerProperties(1, 2, 'data')))`;
  const { stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  const lines = stdout.trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/).slice(0, 2)));
}
