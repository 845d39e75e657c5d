import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Unpaid orders: those without a payment in two days.', makeMill(), 'out/reminders.json');
