import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Mean locations: windows of half a minute.', makeMill(), 'out/mean-locations.json');
