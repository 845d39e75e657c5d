import { alias } from '../../lib/messages/alias.js';
import { Field } from '../../lib/messages/field.js';
import { Message } from '../../lib/messages/message-decorator.js';

@Message()
export class Place {
  @Field() lat!: number;
  @Field() name!: string;
}

@Message()
export class Sample {
  @Field() time!: number;
  @Field() x!: number;
  @Field({ name: 'sequence_number' }) seq!: bigint;
  @Field() name!: string;
  @Field() valid!: boolean;
  @Field() at!: Date;
  @Field() place!: Place;
  @Field(() => [Number]) values!: number[];
  @Field(() => Object) free!: any;
  @Field({ oneOf: ['low', 'high'] }) level!: 'low' | 'high';

  get end(): number {
    return this.time + 5;
  }

  far(): boolean {
    return this.x > 100;
  }
}

@Message()
export class NextSample extends alias(Sample, 'next-sample') {}

@Message({ name: 'other' })
export class Unlike {
  @Field() time!: number;
  @Field() name!: string;
}
