import {
  alias,
  Field,
  field,
  Joined,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  Process,
  WaterMill,
} from 'watermill';

@Message()
class Place {
  @Field() time!: number;
  @Field() x!: number;
}

@Message()
class NextPlace extends alias(Place, 'NextPlace') {}

@Message()
class Step {
  @Field() time!: number;
  @Field() length!: number;
}

class Steps {
  @Process()
  measure(here: Place, next: Joined<Place, NextPlace>): Step {
    const step = new Step();
    step.time = here.time;
    step.length = next.first(here)!.x - here.x;
    return step;
  }
}

/** A mill with classes, a join and a process, like that of a program; it is not run. */
export function makeMill(): WaterMill {
  const places: Place[] = [];
  const broker = new MemoryMessageBroker([
    [Place, places],
    [NextPlace, places],
  ]);
  const keys = { left: field(Place, 'time').plus(10), right: field(NextPlace, 'time') };
  return new WaterMill({ process: Steps, joinTree: joinStreams(Place, joinWith(NextPlace, keys)), broker });
}
