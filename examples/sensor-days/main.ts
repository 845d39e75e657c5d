import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Sensor days: the statistics of each sensor by local day.', makeMill(), 'out/days.ndjson');
