import { compareKeys } from '../../../../expressions/key.js';
import { identityOf } from '../../../../expressions/key-identity.js';
import type { ValuesVector } from '../../../resume/lane-vector.js';
import type { Borders } from '../borders.js';
import type { CalledWindow } from '../called-window.js';
import type { Run } from '../run.js';
import type { ValueStart } from '../value-marks.js';
import type { WindowsGiven } from '../windows.js';
import { SeparateWindows } from './separate-windows.js';

/** Windows that close together: the open windows of all values have the same borders. */
abstract class WindowsTogether extends SeparateWindows {
  /** The windows that are being called, in reverse order. */
  private closing: number[] = [];

  protected abstract readonly start: any;
  protected abstract readonly end_: any;
  /** Returns whether no element with a key from this one on can be in the open windows. */
  protected abstract isOver(key: any): boolean;
  /** Opens the windows of this key, if none is open. Returns false if the key is in no window. */
  protected abstract begin(key: any): boolean;

  take(run: Run): CalledWindow | undefined {
    const { keys, end } = run;
    for (let { at } = run; at < end; at++) {
      run.at = at;
      if (this.windows.count === 0) {
        if (!this.begin(keys[at])) continue;
      } else if (this.closing.length > 0 || this.isOver(keys[at])) {
        return this.callNext();
      }
      this.takeOne(run, at);
    }
    run.at = end;
    return undefined;
  }

  protected takeOne(run: Run, at: number): void {
    this.add(run, at);
  }

  close(key: any): CalledWindow | undefined {
    return this.windows.count > 0 && (this.closing.length > 0 || this.isOver(key)) ? this.callNext() : undefined;
  }

  end(): CalledWindow | undefined {
    return this.windows.count === 0 ? undefined : this.callNext();
  }

  protected callNext(): CalledWindow {
    const { windows } = this;
    if (this.closing.length === 0) {
      // Values without an element in this window are not kept for the next one.
      windows.forget();
      this.closing = windows.inOrder().reverse();
    }
    return this.call(this.closing.pop() as number, this.start, this.end_);
  }
}

/** Windows [start, end) that do not overlap, with the same borders for all values. */
export class TumblingByValue extends WindowsTogether {
  protected start: any = Number.NaN;
  protected end_: any = Number.NaN;

  constructor(
    given: WindowsGiven,
    /** Finds the window of a key, or the next one. */
    private readonly around: (key: any) => Borders,
  ) {
    super(given);
  }

  protected isOver(key: any): boolean {
    return this.end_ <= key;
  }

  protected begin(key: any): boolean {
    if (!(key < this.end_)) {
      const { start, end } = this.around(key);
      this.start = start;
      this.end_ = end;
    }
    return this.start <= key;
  }
}

/** Stretches of the stream with equal keys, split by value. A clock may close them. */
export class StretchesByValue extends WindowsTogether {
  protected start: any = undefined;

  protected get end_(): any {
    return this.start;
  }

  protected isOver(key: any): boolean {
    return compareKeys(this.start, key) !== 0;
  }

  protected begin(key: any): boolean {
    this.start = key;
    return true;
  }

  protected override takeOne(run: Run, at: number): void {
    const { marks } = this.given;
    if (marks === undefined) {
      super.takeOne(run, at);
      return;
    }
    const [orderKey, position] = [run.orderKeyAt(at), run.positionAt(at)];
    const isDone = marks.isBehind && marks.isDone(identityOf(run.values[at]), orderKey, position);
    if (!isDone) super.takeOne(run, at);
    marks.pass(orderKey, position);
  }

  protected override call(window: number, start: any, end: any): CalledWindow {
    this.given.marks?.call(this.startOf(window));
    return super.call(window, start, end);
  }

  override timeout(key: unknown): CalledWindow | undefined {
    return key === undefined || this.given.marks?.isCatchingUp ? undefined : this.close(key);
  }

  vector(isPending: boolean): ValuesVector | undefined {
    const { marks } = this.given;
    return marks?.toJson(
      this.windows.all().map((window) => this.startOf(window)),
      [],
      isPending,
    );
  }

  private startOf(window: number): ValueStart {
    const { orderKey, position } = this.windows.oldestOf(window);
    return { value: this.windows.valueOf(window), first: { key: orderKey, position } };
  }
}
