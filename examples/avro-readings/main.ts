import 'reflect-metadata';
import { message } from 'watermill';
import { runAndShow } from '../support/run-and-show.js';
import { encode } from './avro-codec.js';
import { Reading } from './messages.js';
import { makeMill } from './mill.js';

const celsius = [21, null, 34.5];
const readings = celsius.map((degrees, i) =>
  message(Reading, { sensor: `sensor ${i}`, time: new Date(i), celsius: degrees }),
);

void runAndShow('Readings in Avro; the warm ones.', makeMill(readings.map(encode), console.log));
