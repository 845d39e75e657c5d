import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Without duplicates: each word of the lines once.', makeMill(), 'out/words.ndjson');
