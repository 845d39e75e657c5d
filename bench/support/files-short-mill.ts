// <input> <output>: computes the speeds of a file of locations, with a mill.
import { fractions } from './locations.js';
import { measureSpeeds } from './robots.js';

const [input, output] = process.argv.slice(2) as [string, string];
void measureSpeeds(input, output, fractions);
