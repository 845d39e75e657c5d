import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Flights and weather: the last report before each departure.', makeMill(), 'out/departures.json');
