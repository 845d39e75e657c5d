import { EndOfStream, message } from '../../../dist/index.mjs';
import { Album, List, NextPhoto, Photo, RedAlbum, Unknown } from './classes.mjs';

const album = (id, more = {}) => message(Album, { id, ...more });
const endless = function* () {
  yield new EndOfStream();
  for (;;) yield album(0);
};

/** What a call returns, by the size of its photo. */
const results = [
  function* ({ id }) {
    yield album(id);
    return album(id + 100);
  },
  async function* ({ id }) {
    yield album(id);
    return new EndOfStream();
  },
  endless,
  ({ id }) => message(List, { id }),
  ({ id }) => {
    let n = 0;
    return { next: () => ({ done: n > 1, value: n++ < 2 ? album(id + n) : undefined }) };
  },
  ({ id, taken }) => album(id, { photos: [message(Photo, { id, size: 1, taken })] }),
  ({ id }) => Object.assign(album(id), { note: undefined }),
  ({ id }) => Object.assign(new RedAlbum(), { id }),
  (photo) => album(photo.id, { note: `${photo instanceof NextPhoto} ${photo.isNext}` }),
  () => [new EndOfStream(), album(1)],
  ({ id }) => [Promise.resolve(album(id))],
  ({ id }) => message(Unknown, { id }),
  ({ id }) => message(Photo, { id, size: 1 }),
  () => () => 1,
  () => ({ [Symbol.iterator]: () => ({ next: () => 7 }) }),
  ({ id }) => album(id, { free: { found: () => 1 } }),
];

export default (photo) => results[photo.size](photo);
