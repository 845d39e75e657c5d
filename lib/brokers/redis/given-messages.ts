import type { EntryId } from './entry-id.js';

/** A message that the mill was given, at its position, or an end mark, which has the position of what would follow. */
export interface GivenMessage {
  readonly list: number;
  readonly id: EntryId;
  readonly position: number;
}

/**
 * The messages that the mill was given and that are not acknowledged, by position. It is kept with each commit, so that a consumer that starts
 * again gives the same messages at the same positions.
 */
export class GivenMessages {
  private messages: GivenMessage[] = [];

  get count(): number {
    return this.messages.length;
  }

  add(message: GivenMessage): void {
    this.messages.push(message);
  }

  has(list: number, id: EntryId): boolean {
    return this.messages.some((message) => message.list === list && message.id === id);
  }

  below(position: number): readonly GivenMessage[] {
    return this.messages.filter((message) => message.position < position);
  }

  forgetBelow(position: number): void {
    this.messages = this.messages.filter((message) => message.position >= position);
  }

  /** Those from a position on, as JSON. */
  textFrom(position: number): string {
    const kept = this.messages.filter((message) => message.position >= position);
    return JSON.stringify(kept.map((message) => [message.list, message.id, message.position]));
  }
}

/** The positions that a commit has kept, by stream and id. */
export function keptPositions(text: string | null): ReadonlyMap<string, number> {
  const kept = JSON.parse(text ?? '[]') as [number, EntryId, number][];
  return new Map(kept.map(([list, id, position]) => [`${list} ${id}`, position]));
}
