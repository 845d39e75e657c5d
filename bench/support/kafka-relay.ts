/** The program that moves messages from one topic to another. */
export type RelayKind = 'mill' | 'hand';
export type Guarantee = 'at-least-once' | 'exactly-once';

export interface Relay {
  readonly input: string;
  readonly output: string;
  readonly guarantee: Guarantee;
}

/** The commit interval by guarantee: with transactions a result becomes visible only then. */
export const commitEveryMs: Readonly<Record<Guarantee, number>> = { 'at-least-once': 5_000, 'exactly-once': 100 };

/** Returns the element of a result. */
export const answerTo = (x: number): number => x * 2 + 1;
