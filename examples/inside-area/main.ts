import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Inside an area: one stream in, one out.', makeMill(), 'out/inside-area.ndjson');
