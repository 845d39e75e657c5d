// <input> <output>: the speeds of a file of locations, by the mill.
import { fractions } from './locations.js';
import { measureSpeeds } from './robots.js';

const [input, output] = process.argv.slice(2) as [string, string];
void measureSpeeds(input, output, fractions);
