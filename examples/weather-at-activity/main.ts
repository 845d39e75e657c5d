import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('The weather at the time of each activity.', makeMill(), 'out/weather-at-activity.txt');
