import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow('Login sessions: what each user did, up to a logout.', makeMill(), 'out/sessions.ndjson');
