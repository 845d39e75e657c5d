import { spawn } from 'node:child_process';
import path from 'node:path';
import { Run } from '../support/run.js';

const fixture = path.join(__dirname, 'fixtures/services.cjs');

/** A process with these services. */
export function startServices(...services: object[]): Run {
  return new Run(spawn(process.execPath, [fixture, JSON.stringify(services)]));
}

/** Returns the number of matches in a text. */
export function count(text: string, what: RegExp): number {
  return [...text.matchAll(what)].length;
}
