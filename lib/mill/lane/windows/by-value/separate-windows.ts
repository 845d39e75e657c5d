import { compareKeys } from '../../../../expressions/key.js';
import type { ValuesVector } from '../../resume/lane-vector.js';
import type { Borders } from '../borders.js';
import type { CalledWindow } from '../called-window.js';
import type { Run } from '../run.js';
import type { OldestElement, Windows, WindowsGiven } from '../windows.js';
import { Chain } from './chain.js';
import { idOf } from './value-id.js';
import type { ValueStart } from './value-marks.js';
import { ValueWindow } from './value-window.js';

/**
 * Windows of which each value has one open at a time. They are over in the order of their last elements: an element
 * that comes later has no lower key. So those that wait stand in a chain in that order, and only the first is looked at.
 */
abstract class SeparateWindows implements Windows {
  protected readonly open = new Map<unknown, ValueWindow>();
  private readonly byFirst = new Chain<ValueWindow>();
  private readonly byLast = new Chain<ValueWindow>();
  private waiting = 0;

  constructor(protected readonly given: WindowsGiven) {}

  /** No element with a key from this one on can be in it. */
  protected abstract isOver(window: ValueWindow, key: any): boolean;
  /** Whether there is a window for the key; its borders are then those of the window. */
  protected opens(_window: ValueWindow, _key: any): boolean {
    return true;
  }
  protected abstract startOf(window: ValueWindow): any;
  protected abstract endOf(window: ValueWindow): any;

  take(run: Run): CalledWindow | undefined {
    const { keys, end } = run;
    for (let { at } = run; at < end; at++) {
      run.at = at;
      const oldest = this.byLast.first;
      if (oldest !== undefined && this.isOver(oldest, keys[at])) return this.call(oldest);
      this.add(run, at);
    }
    run.at = end;
    return undefined;
  }

  protected add(run: Run, at: number): void {
    const value = run.values[at];
    const id = idOf(value);
    const known = this.open.get(id);
    const window = known ?? new ValueWindow(id, value);
    if (known === undefined && !this.opens(window, run.keys[at])) return;
    window.add(run, at, run.elementAt(at), this.given);
    this.waiting++;
    if (known !== undefined) {
      this.byLast.moveToEnd(known.byLast);
      return;
    }
    this.open.set(id, window);
    this.byFirst.append(window.byFirst);
    this.byLast.append(window.byLast);
  }

  protected call(window: ValueWindow): CalledWindow {
    this.open.delete(window.id);
    this.byFirst.remove(window.byFirst);
    this.byLast.remove(window.byLast);
    this.waiting -= window.size;
    return window.fill(this.given.slot.called, this.startOf(window), this.endOf(window));
  }

  close(key: any): CalledWindow | undefined {
    const oldest = this.byLast.first;
    return oldest !== undefined && this.isOver(oldest, key) ? this.call(oldest) : undefined;
  }

  end(): CalledWindow | undefined {
    const oldest = this.byLast.first;
    return oldest === undefined ? undefined : this.call(oldest);
  }

  timeout(_key: unknown): CalledWindow | undefined {
    return undefined;
  }

  held(): number {
    return this.given.fold === undefined ? this.waiting : this.open.size;
  }

  uncalled(): number {
    return this.waiting;
  }

  oldest(): OldestElement | undefined {
    return this.byFirst.first?.oldest();
  }
}

/** Windows [start, end) that do not overlap: at one time all values have the same. */
export class TumblingByValue extends SeparateWindows {
  private borders: Borders | undefined = undefined;

  constructor(
    given: WindowsGiven,
    /** The window of a key, or the next one. */
    private readonly around: (key: any) => Borders,
  ) {
    super(given);
  }

  protected isOver({ end }: ValueWindow, key: any): boolean {
    return end <= key;
  }

  protected override opens(window: ValueWindow, key: any): boolean {
    if (this.borders === undefined || !(key < this.borders.end)) this.borders = this.around(key);
    window.start = this.borders.start;
    window.end = this.borders.end;
    return window.start <= key;
  }

  protected startOf({ start }: ValueWindow): any {
    return start;
  }

  protected endOf({ end }: ValueWindow): any {
    return end;
  }
}

/** Windows of elements of one value, each at most `gap` after the one before. */
export class SessionsByValue extends SeparateWindows {
  constructor(
    given: WindowsGiven,
    private readonly gap: any,
  ) {
    super(given);
  }

  protected isOver({ lastKey }: ValueWindow, key: any): boolean {
    return key > lastKey + this.gap;
  }

  protected startOf({ firstKey }: ValueWindow): any {
    return firstKey;
  }

  protected endOf({ lastKey }: ValueWindow): any {
    return lastKey;
  }
}

/** Stretches of the stream with equal keys, split by value. A clock may close them. */
export class StretchesByValue extends SeparateWindows {
  protected isOver({ firstKey }: ValueWindow, key: any): boolean {
    return compareKeys(firstKey, key) !== 0;
  }

  protected startOf({ firstKey }: ValueWindow): any {
    return firstKey;
  }

  protected endOf({ firstKey }: ValueWindow): any {
    return firstKey;
  }

  protected override add(run: Run, at: number): void {
    const { marks } = this.given;
    if (marks === undefined) {
      super.add(run, at);
      return;
    }
    const [orderKey, position] = [run.orderKeyAt(at), run.positionAt(at)];
    const isDone = marks.isBehind && marks.isDone(idOf(run.values[at]), orderKey, position);
    if (!isDone) super.add(run, at);
    marks.pass(orderKey, position);
  }

  protected override call(window: ValueWindow): CalledWindow {
    this.given.marks?.call(startOf(window));
    return super.call(window);
  }

  override timeout(key: unknown): CalledWindow | undefined {
    return key === undefined || this.given.marks?.isCatchingUp ? undefined : this.close(key);
  }

  vector(isPending: boolean): ValuesVector | undefined {
    return this.given.marks?.toJson([...this.open.values()].map(startOf), [], isPending);
  }
}

function startOf(window: ValueWindow): ValueStart {
  const { orderKey, position } = window.oldest();
  return { value: window.value, first: { key: orderKey, position } };
}
