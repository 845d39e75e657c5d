import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Card fraud: payments that do not fit what is known of their card.', makeMill(), 'out/alerts.ndjson');
