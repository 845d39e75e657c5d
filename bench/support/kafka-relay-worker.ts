// Moves messages from one topic to another: <mill|hand> <guarantee> <input> <output>.
import type { Guarantee } from './kafka-relay.js';
import { relayByHand } from './kafka-relay-by-hand.js';
import { relayThroughMill } from './kafka-relay-mill.js';
import { serveWorker } from './worker.js';

serveWorker(([kind, guarantee, input, output]) => {
  const relay = { input: input!, output: output!, guarantee: guarantee as Guarantee };
  return kind === 'mill' ? relayThroughMill(relay) : relayByHand(relay);
});
