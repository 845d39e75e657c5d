import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow(
  'Auction bids: each auction with the bids while it was open, and the bids that belong to none.',
  makeMill(),
  'out/outcomes.json',
  'out/stray-bids.json',
);
