import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow(
  'User sessions: the visits of each user, cut at pauses of half an hour.',
  makeMill(),
  'out/visits.ndjson',
);
