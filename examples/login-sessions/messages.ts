import { Field, Message } from 'watermill';

@Message()
export class UserEvent {
  @Field() user!: string;
  @Field() type!: string;
}

/** The events of a user, up to a logout. */
@Message()
export class LoginSession {
  @Field() user!: string;
  @Field(() => [String]) types!: readonly string[];
}
