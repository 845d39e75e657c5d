import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow(
  'Trades and quotes: each trade with the quote that was valid then.',
  makeMill(),
  'out/signed-trades.ndjson',
);
