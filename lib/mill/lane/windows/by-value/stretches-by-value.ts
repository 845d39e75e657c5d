import { compareKeys } from '../../../../expressions/key.js';
import { identityOf } from '../../../../expressions/key-identity.js';
import type { ValuesVector } from '../../../resume/lane-vector.js';
import type { CalledWindow } from '../called-window.js';
import type { Run } from '../run.js';
import type { ValueStart } from '../value-marks.js';
import { WindowsTogether } from './windows-together.js';

/** Stretches of the stream with equal keys, split by value. A clock may close them. */
export class StretchesByValue extends WindowsTogether {
  protected startKey: any = undefined;

  protected get endKey(): any {
    return this.startKey;
  }

  protected isOver(key: any): boolean {
    return compareKeys(this.startKey, key) !== 0;
  }

  protected begin(key: any): boolean {
    this.startKey = key;
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

  skipped(): number {
    return this.given.marks?.skipped ?? 0;
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
