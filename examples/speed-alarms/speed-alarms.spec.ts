import { readdirSync } from 'node:fs';
import path from 'node:path';
import { replay } from 'watermill/testing';
import { makeMill } from './mill.js';

/**
 * How a mill is tested in a repository of its own: each folder of `fixtures/` is a case that came up, its inputs as they
 * were recorded and the results that are right. A new case is a new folder; the test stays as it is.
 */
const fixtures = path.join(__dirname, 'fixtures');

describe('speed alarms', () => {
  it.each(readdirSync(fixtures))('are right for the recorded case %s', async (name) => {
    expect(await replay(path.join(fixtures, name), (broker) => makeMill(broker))).toEqual([]);
  });
});
