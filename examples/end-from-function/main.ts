import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Distances until the robot arrives: the function ends the stream.', makeMill(), 'out/distances.json');
