import { Field, Message } from '../../../dist/index.mjs';

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
