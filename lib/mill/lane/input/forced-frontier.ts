import { isDate } from '../../../base/date.js';
import { compareKeys } from '../../../expressions/key.js';
import { keyFromJson, keyToJson } from '../../../expressions/key-json.js';
import type { ForcedJson } from '../../resume/lane-vector.js';

const LOWEST = Number.NEGATIVE_INFINITY;

interface Step {
  readonly position: number;
  key: any;
}

/**
 * The keys up to which the lane stopped waiting for a silent node, each from a position on: elements from there at or
 * below the key are late. Earlier elements stay in time, also when a restart reads them again.
 */
export class ForcedFrontier {
  private steps: Step[];

  constructor(json: readonly ForcedJson[] | undefined) {
    this.steps = (json ?? []).map(([position, key]) => {
      const found = keyFromJson(key);
      return { position, key: isDate(found) ? found.getTime() : found };
    });
  }

  /** The key up to which the lane does not wait, if everything before `position` was read. */
  keyAt(position: number): any {
    for (let i = this.steps.length - 1; i >= 0; i--) {
      const step = this.steps[i] as Step;
      if (step.position <= position) return step.key;
    }
    return LOWEST;
  }

  /** Stops waiting for keys up to this one, from this position on. */
  force(position: number, key: any): void {
    if (compareKeys(key, this.keyAt(position)) <= 0) return;
    const last = this.steps.at(-1);
    if (last?.position === position) last.key = key;
    else this.steps.push({ position, key });
  }

  isLate(position: number, key: any): boolean {
    return compareKeys(key, this.keyAt(position)) <= 0;
  }

  /** The steps that a restart from position `from` needs. Drops earlier ones. */
  toJson(from: number, show: (key: any) => unknown): readonly ForcedJson[] | undefined {
    const next = this.steps.findIndex(({ position }) => position > from);
    const first = Math.max(0, (next < 0 ? this.steps.length : next) - 1);
    this.steps = this.steps.slice(Math.min(first, this.steps.length));
    if (this.steps.length === 0) return undefined;
    return this.steps.map(({ position, key }) => [position, keyToJson(show(key) as any)]);
  }
}
