import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Window letters: those of each key in every ten seconds.', makeMill(), 'out/windows.ndjson');
