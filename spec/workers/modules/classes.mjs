import { alias, Field, Message } from '../../../dist/index.mjs';

export class Photo {
  get isLarge() {
    return this.size > 10;
  }
}
Field(() => Number)(Photo.prototype, 'id');
Field(() => Number)(Photo.prototype, 'size');
Field(() => Date, { optional: true })(Photo.prototype, 'taken');
Message()(Photo);

export class Label {}
Field(() => Number)(Label.prototype, 'id');
Field(() => String)(Label.prototype, 'text');
Message()(Label);

export class Unknown {}
Field(() => Number)(Unknown.prototype, 'id');
Message()(Unknown);

export class Album {
  note = 'none';
}
Field(() => Number)(Album.prototype, 'id');
Field(() => String, { optional: true })(Album.prototype, 'note');
Field(() => [Photo], { optional: true })(Album.prototype, 'photos');
Field(() => Object, { optional: true })(Album.prototype, 'free');
Message()(Album);

export class RedAlbum extends Album {}

/** An element that is also a list. */
export class List {
  *[Symbol.iterator]() {
    yield 'never';
  }
}
Field(() => Number)(List.prototype, 'id');
Message()(List);

export class NextPhoto extends alias(Photo, 'NextPhoto') {
  get isNext() {
    return true;
  }
}
Message()(NextPhoto);
