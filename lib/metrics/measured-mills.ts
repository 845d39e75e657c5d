import type { MillView } from '../mill/report/mill-view.js';

/** The mills whose metrics go to the same place, with a different name each. */
export class MeasuredMills {
  private readonly plans = new WeakSet<object>();
  private readonly names = new Set<string>();

  /**
   * Returns the name for the metrics of a mill: that of its process, with a number from the second of the same name on.
   * Undefined if the mill was added before.
   */
  add({ plan }: MillView): string | undefined {
    if (this.plans.has(plan)) return undefined;
    this.plans.add(plan);
    const { name } = plan.process;
    let own = name;
    for (let count = 2; this.names.has(own); count++) own = `${name} ${count}`;
    this.names.add(own);
    return own;
  }
}
