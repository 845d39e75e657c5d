import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Order balance: a nested tree of four streams.', makeMill(), 'out/order-balance.json');
