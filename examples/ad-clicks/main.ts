import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Ad clicks: each impression with the clicks that it led to.', makeMill(), 'out/click-throughs.ndjson');
