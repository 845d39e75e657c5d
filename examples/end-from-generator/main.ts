import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Readings out of packets: the generator ends the stream.', makeMill(), 'out/readings.ndjson');
