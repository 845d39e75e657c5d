import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow(
  'Sensor statistics: per minute, over readings that come a little out of order.',
  makeMill(),
  'out/statistics.ndjson',
  'out/late-readings.ndjson',
);
