import { TreeLane } from '../../lib/mill/lane/tree/tree-lane.js';
import { momentTables } from './moments.js';
import { play } from './script.js';

describe('each result is emitted after the element that decides it', () => {
  test.each(momentTables)('%s', (_, root, table) => {
    const { played, written } = play(root, table);
    expect(played).toEqual(written);
  });
});

describe('the tree machine emits at the same moments as the flat and window machines', () => {
  test.each(momentTables)('%s', (_, root, table) => {
    const { played, written } = play(root, table, (spec, vector) => new TreeLane(spec, vector));
    expect(played).toEqual(written);
  });
});
