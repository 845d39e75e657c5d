import { alias, Field, Message } from '../../lib/messages/index.js';

export enum Color {
  Red = 'red',
  Blue = 'blue',
}

export enum Level {
  Low,
  High = 7,
}

export const Mode = { Fast: 1, Slow: 'slow', Off: false } as const;
export type Mode = (typeof Mode)[keyof typeof Mode];

@Message()
export class Location {
  @Field() time!: number;
  @Field({ name: 'x_m' }) x!: number;
  @Field() valid!: boolean;
}

@Message()
export class NextLocation extends alias(Location, 'NextLocation') {}

@Message()
export class Everything {
  @Field() count!: number;
  @Field() text!: string;
  @Field() flag!: boolean;
  @Field() id!: bigint;
  @Field() at!: Date;
  @Field() place!: Location;
  @Field(() => Color) color!: Color;
  @Field(() => Level) level!: Level;
  @Field(() => Mode) mode!: Mode;
  @Field({ oneOf: ['a', 'b'] }) side!: 'a' | 'b';
  @Field(() => [Number]) numbers!: number[];
  @Field(() => [Location]) places!: Location[];
  @Field(() => [[Number]]) grid!: number[][];
  @Field(() => [String], { oneOf: ['p', 'q'] }) tags!: string[];
  @Field(() => Object) free!: unknown;
  @Field({ optional: true }) note?: string;
  @Field(() => Number, { nullable: true }) delay!: number | null;
  @Field(() => Everything, { optional: true }) inner?: Everything;
  @Field(() => Number) size = 3;
  @Field(() => Number, { optional: true }) rate?: number = 5;
}

/** A message that Everything reads. */
export const everything = {
  count: 1.5,
  text: 'é"\n',
  flag: false,
  id: '12345678901234567890',
  at: '2026-01-02T03:04:05.678Z',
  place: { time: 1, x_m: 2, valid: true },
  color: 'red',
  level: 7,
  mode: 'slow',
  side: 'b',
  numbers: [1, 2],
  places: [{ time: 1, x_m: 2, valid: true }],
  grid: [[1], []],
  tags: ['q'],
  free: { any: [null, { deep: 1 }] },
  delay: null,
};
