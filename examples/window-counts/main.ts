import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Window counts: the hits of each key in every ten seconds.', makeMill(), 'out/hit-counts.ndjson');
