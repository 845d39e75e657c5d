import { Field, Message } from '../messages/index.js';

/** The classes of the streams in the checks. */
@Message({ name: 'ConformanceReading' })
export class ConformanceReading {
  @Field(() => Number) index!: number;
  @Field(() => String) text!: string;
}

/** A second node, on the same stream or on another one. */
@Message({ name: 'ConformanceOther' })
export class ConformanceOther {
  @Field(() => Number) index!: number;
  @Field(() => String) text!: string;
}

/** The class of the results in the checks. */
@Message({ name: 'ConformanceResult' })
export class ConformanceResult {
  @Field(() => Number) index!: number;
  @Field(() => String) text!: string;
}
