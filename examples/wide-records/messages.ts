import { Field, Message } from 'watermill';

/** The fields of a vehicle that this mill needs. */
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
