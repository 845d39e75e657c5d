import type { EntryId } from '../entries/entry-id.js';

/**
 * A message that was delivered to the mill, or an end mark, with its position. An end mark has the position of the next
 * message.
 */
export interface DeliveredMessage {
  readonly list: number;
  readonly id: EntryId;
  readonly position: number;
}

/**
 * The messages that were delivered to the mill and not acknowledged, by position. They are kept with each commit, so that a
 * restarted consumer delivers the same messages at the same positions.
 */
export class DeliveredMessages {
  private messages: DeliveredMessage[] = [];

  get count(): number {
    return this.messages.length;
  }

  add(message: DeliveredMessage): void {
    this.messages.push(message);
  }

  has(list: number, id: EntryId): boolean {
    return this.messages.some((message) => message.list === list && message.id === id);
  }

  below(position: number): readonly DeliveredMessage[] {
    return this.messages.filter((message) => message.position < position);
  }

  forgetBelow(position: number): void {
    this.messages = this.messages.filter((message) => message.position >= position);
  }

  /** The messages from a position on, as JSON. */
  textFrom(position: number): string {
    const kept = this.messages.filter((message) => message.position >= position);
    return JSON.stringify(kept.map((message) => [message.list, message.id, message.position]));
  }
}

/** The positions kept with a commit, by stream and id. */
export function keptPositions(text: string | null): ReadonlyMap<string, number> {
  const kept = JSON.parse(text ?? '[]') as [number, EntryId, number][];
  return new Map(kept.map(([list, id, position]) => [`${list} ${id}`, position]));
}
