import { lanesToTake } from '../../lib/brokers/redis/lanes/lane-shares.js';

/** Returns the lanes that `me` takes, given the owner of each lane. */
function taken(owners: readonly (string | undefined)[], members: readonly string[], isNewest: boolean): number[] {
  const open = owners.map((_, lane) => lane);
  return lanesToTake({ open, ownerOf: (lane) => owners[lane], members, me: 'me' }, isNewest);
}

describe('the lanes of a process', () => {
  it('are all if it is alone', () => {
    expect(taken([undefined, undefined, undefined], ['me'], true)).toEqual([0, 1, 2]);
  });

  it('are the only lane if it is the newest', () => {
    expect(taken(['a'], ['a', 'me'], true)).toEqual([0]);
    expect(taken(['a'], ['a', 'me'], false)).toEqual([]);
  });

  it('are an even share, taken from those with the most', () => {
    expect(taken(['a', 'a', 'a', 'b'], ['a', 'b', 'me'], true)).toHaveLength(2);
    expect(taken(['a', 'a', 'a', 'b'], ['a', 'b', 'me'], true)).not.toContain(3);
    expect(taken(['a', 'a', 'a', 'a'], ['a', 'me'], true)).toHaveLength(2);
  });

  it('are those without a live owner, up to a share', () => {
    expect(taken(['me', undefined, undefined, 'a'], ['a', 'me'], false)).toEqual([1]);
    expect(taken(['me', undefined, undefined, undefined], ['me'], false)).toEqual([1, 2, 3]);
    expect(taken(['me', 'me', undefined, 'a'], ['a', 'me'], false)).toEqual([]);
  });
});
