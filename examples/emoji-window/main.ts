import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Emojis of the last three seconds, counted with each one that comes.', makeMill(), 'out/windows.txt');
