// <input> <output>: computes the speeds of a file of locations, hand-written.
import { fractions } from './locations.js';
import { writeSpeeds } from './speeds-by-hand.js';

const [input, output] = process.argv.slice(2) as [string, string];
writeSpeeds(input, output, fractions);
