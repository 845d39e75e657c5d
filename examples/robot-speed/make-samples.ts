import { writeFileSync } from 'node:fs';

const hall = { length: 100, width: 60 };
/** Metres per ten seconds, one pace for every four minutes; now and then the robot stands still. */
const paces = [7.3, 9.1, 4.6, 0, 11.4, 6.2];

/** The reports of a robot every ten seconds for more than eight hours; once an hour its radio fails for a minute. */
export function robotLocations(): readonly { time: number; x: number; y: number }[] {
  const locations = [];
  let driven = 0;
  for (let step = 0; step < 3000; step++) {
    if (step % 360 < 354) {
      locations.push({ time: step * 10, x: bounce(driven, hall.length), y: bounce(driven / 2, hall.width) });
    }
    driven += paces[Math.floor(step / 24) % paces.length]!;
  }
  return locations;
}

/** Returns the position after driving this far between a wall at 0 and another one, rounded to centimetres. */
function bounce(driven: number, wall: number): number {
  const there = driven % (2 * wall);
  return Math.round((there < wall ? there : 2 * wall - there) * 100) / 100;
}

/** An array with one element per line: readable for people, and comparable by tools. */
export function sampleText(): string {
  const lines = robotLocations().map((location) => JSON.stringify(location));
  return `[\n${lines.join(',\n')}\n]\n`;
}

// node build/examples/robot-speed/make-samples.js, in the folder of this example
if (require.main === module) writeFileSync('samples/robot-locations.json', sampleText());
