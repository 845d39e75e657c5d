import { alias, Field, Message } from 'watermill';

@Message()
export class Reading {
  @Field() sensor!: string;
  @Field() value!: number;
}

/** The same element in the file. */
@Message()
export class SavedReading extends alias(Reading, 'SavedReading') {}
