import { readdirSync } from 'node:fs';
import path from 'node:path';
import { replay } from 'watermill/testing';
import { makeMill } from './mill.js';

/**
 * Shows how to test a mill: each folder of `fixtures/` is a case, with its recorded inputs and its correct results. A
 * new case is a new folder; the test does not change.
 */
const fixtures = path.join(__dirname, 'fixtures');

describe('speed alarms', () => {
  it.each(readdirSync(fixtures))('are right for the recorded case %s', async (name) => {
    expect(await replay(path.join(fixtures, name), (broker) => makeMill(broker))).toEqual([]);
  });
});
