import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

const mill = makeMill();
const title = 'Robot speed: a stream of locations, joined with itself ten seconds later.';

void runAndShow(`${title}\n\n${mill.explain()}`, mill, 'out/robot-speed.json');
