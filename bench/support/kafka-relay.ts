/** Who takes messages from one topic to another. */
export type RelayKind = 'mill' | 'hand';
export type Guarantee = 'at-least-once' | 'exactly-once';

export interface Relay {
  readonly input: string;
  readonly output: string;
  readonly guarantee: Guarantee;
}

/** How often positions are committed, by guarantee: with transactions a result shows only then. */
export const commitEveryMs: Readonly<Record<Guarantee, number>> = { 'at-least-once': 5_000, 'exactly-once': 100 };

/** The element of a result. */
export const answerTo = (x: number): number => x * 2 + 1;
