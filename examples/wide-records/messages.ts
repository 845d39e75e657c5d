import { Field, Message } from 'watermill';

/** What this mill needs to know of a vehicle. */
@Message()
export class VehiclePosition {
  @Field() time!: number;
  @Field() latitude!: number;
  @Field() longitude!: number;
}

@Message()
export class NorthOfLine {
  @Field() time!: number;
  @Field() north!: boolean;
}
