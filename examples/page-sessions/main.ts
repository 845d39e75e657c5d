import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow(
  'Page sessions: the views of a visitor, cut at pauses of half an hour.',
  makeMill(),
  'out/sessions.ndjson',
);
