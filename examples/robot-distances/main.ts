import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Robots that come near each other: four streams of one class.', makeMill(), 'out/near-robots.json');
