import { compareKeys } from '../../../expressions/key.js';
import { BandChild } from './band-child.js';
import { noGroup } from './call-run.js';

/** Marks the end of the linked list, and a missing position. */
const none = -1;

/**
 * A child stream joined as of, backward. It holds the latest element of each `on` value in arrays, by the value's
 * number, as a linked list in stream order: its first element is the oldest.
 */
export class AsOfBackwardChild extends BandChild {
  held = 0;
  private readonly elements: (object | undefined)[] = [];
  private readonly keys: any[] = [];
  private readonly positions: number[] = [];
  /** The position of the last element that was in a group. */
  private readonly matched: number[] = [];
  /** The previous and the next number in the list. */
  private readonly before: number[] = [];
  private readonly after: number[] = [];
  private first = none;
  private last = none;

  protected get unmatched(): number {
    const { after, matched, positions } = this;
    let count = 0;
    for (let number = this.first; number !== none; number = after[number] as number)
      if (matched[number] !== positions[number]) count++;
    return count;
  }

  protected dropBelow(low: any): void {
    const { keys } = this;
    for (let { first } = this; first !== none && compareKeys(keys[first], low) < 0; first = this.first) {
      this.unlink(first);
      this.elements[first] = undefined;
      this.held--;
    }
  }

  protected hold(number: number, element: object, key: any, position: number): void {
    const { elements } = this;
    while (elements.length <= number) this.addNumber();
    if (elements[number] === undefined) {
      this.held++;
      this.append(number);
    } else if (number !== this.last) {
      this.unlink(number);
      this.append(number);
    }
    elements[number] = element;
    this.keys[number] = key;
    this.positions[number] = position;
  }

  private addNumber(): void {
    this.elements.push(undefined);
    this.keys.push(0);
    this.positions.push(none);
    this.matched.push(none);
    this.before.push(none);
    this.after.push(none);
  }

  private append(number: number): void {
    const { last } = this;
    this.before[number] = last;
    this.after[number] = none;
    if (last === none) this.first = number;
    else this.after[last] = number;
    this.last = number;
  }

  private unlink(number: number): void {
    const before = this.before[number] as number;
    const after = this.after[number] as number;
    if (before === none) this.first = after;
    else this.after[before] = after;
    if (after === none) this.last = before;
    else this.before[after] = before;
  }

  isHeld(number: number): boolean {
    return this.elements[number] !== undefined;
  }

  protected groupOf(number: number): readonly object[] {
    const element = this.elements[number];
    if (element === undefined) return noGroup;
    const position = this.positions[number] as number;
    if (this.matched[number] !== position) {
      this.matched[number] = position;
      this.node.matched++;
    }
    return [element];
  }

  protected decidesAgainst(lowestLeft: any): boolean {
    // A match without a lower end lasts forever: after it an anti edge fails every master element.
    if (this.dropsWithMatch) {
      return this.matching.endless && !this.hasOn && this.held > 0 && compareKeys(this.lastKey, lowestLeft) <= 0;
    }
    return this.held === 0 || compareKeys(this.lastKey, this.matching.low(lowestLeft)) < 0;
  }

  protected oldest(lowestLeft: any): { position: number; key: any } | undefined {
    this.dropBelow(this.matching.low(lowestLeft));
    const { first } = this;
    return first === none ? undefined : { position: this.positions[first] as number, key: this.keys[first] };
  }
}
