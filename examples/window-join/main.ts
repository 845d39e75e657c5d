import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Ways per half minute: windows over a self-join.', makeMill(), 'out/ways.json');
