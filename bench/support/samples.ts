import 'reflect-metadata';
import { Field, Message } from 'watermill';
import { digestOf } from './digest.js';

@Message()
export class Sample {
  @Field() time!: number;
  @Field() value!: number;
}

/** The result of a window: its start, the number of its samples, and their sum. */
@Message()
export class Total {
  @Field() time!: number;
  @Field() count!: number;
  @Field() sum!: number;
}

export function makeSample(time: number, value: number): Sample {
  const sample = new Sample();
  sample.time = time;
  sample.value = value;
  return sample;
}

export function totalOf(samples: readonly Sample[]): Total {
  const total = new Total();
  total.time = samples[0]!.time;
  total.count = samples.length;
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]!.value;
  total.sum = sum;
  return total;
}

export function digestOfTotals(totals: readonly Total[]): string {
  return digestOf(totals, ({ time, count, sum }) => [time, count, sum]);
}
