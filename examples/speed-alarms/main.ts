import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Speed alarms: the results of another mill, in sessions.', makeMill(), 'out/speed-alarms.json');
