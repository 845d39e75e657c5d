import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Three fields of wide records, by a deserializer.', makeMill(), 'out/north-of-line.json');
